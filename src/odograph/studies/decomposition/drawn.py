"""Cosines of drawn tokens with the layer's mean update in them, and what is left without it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.figures.cosines import Counted, draw_cosines
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.folder.documents import by_document
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, numbers, require_rows, usable
from odograph.folder.vectors import kept_parts, summed_moments
from odograph.sentences.nulls import beside_twins
from odograph.sentences.numbers import cosine
from odograph.studies.claim import Claim
from odograph.studies.decomposition.cosines import (
    chance,
    chance_words,
    defaults_of,
    inside,
)
from odograph.studies.parts import later_sinks
from odograph.studies.profile import Profile, outside_words, profile_of
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer


@dataclass(frozen=True, eq=False)
class Drawn:
    """What attention and the MLP add at drawn tokens: arrays [tokens, L], in the order of the text.

    Attributes:
        passage, document: [tokens] those of each.
        raw: cos(a, m).
        centred: cos(a - mean a, m - mean m), the means those of the layer over all tokens.
        mismatched: cos(a, m') with the m' of another drawn token; NaN for a single token.
        shared: name of the part to [L]: |mean|^2 / mean of |.|^2, the share of a part's squared
            length that is the same at every token.
        mean_cosine: [L] cosine of the two mean updates.
        means_of: which tokens the means are taken over, in words.
    """

    passage: Ints
    document: Ints
    raw: Floats
    centred: Floats
    mismatched: Floats
    shared: dict[str, Floats]
    mean_cosine: Floats
    means_of: str

    @property
    def tokens(self) -> int:
        """How many tokens were drawn and may be used."""
        return len(self.document)

    def by_document(self, values: Floats) -> Floats:
        """Means over the drawn tokens of each document that has any: [documents, L]."""
        whole = np.isfinite(values).all(axis=1)
        if not whole.any():
            return np.empty((0, values.shape[1]))
        return by_document(values[whole], self.passage[whole], self.document[whole])


def drawn_parts(run: Run) -> Drawn | None:
    """The drawn tokens of a run, without sinks; None where fewer than two were kept."""
    read = _read(run)
    if read is None:
        return None
    passage, document, attention, mlp = read
    means, means_of = _means(run, attention, mlp)
    seed = run.seed
    other = _another(len(document), seed)
    return Drawn(
        passage=passage,
        document=document,
        raw=_cosines(attention, mlp),
        centred=_cosines(attention - means["attention"], mlp - means["mlp"]),
        mismatched=_cosines(attention, mlp[other]),
        shared={
            "attention": _shared(means["attention"], attention),
            "mlp": _shared(means["mlp"], mlp),
        },
        mean_cosine=_cosines(means["attention"], means["mlp"]),
        means_of=means_of,
    )


def _read(run: Run) -> tuple[Ints, Ints, Floats, Floats] | None:
    """Passages and documents [k] and both parts' vectors [k, L, width] of usable drawn tokens."""
    parts = {name: list(kept_parts(run, name)) for name in ("attention", "mlp")}
    if not parts["attention"] or not parts["mlp"]:
        return None
    first = parts["attention"]
    passage = np.concatenate([v.passage for v in first])
    position = np.concatenate([v.position for v in first])
    found = numbers(run.sql(f"select passage, position, document from tokens where {usable(run)}"))
    keys = zip(found["passage"].tolist(), found["position"].tolist(), strict=True)
    documents = dict(zip(keys, found["document"].tolist(), strict=True))
    where = list(zip(passage.tolist(), position.tolist(), strict=True))
    kept = np.array([key in documents for key in where], dtype=bool)
    if kept.sum() < 2:
        return None
    order = np.lexsort((position[kept], passage[kept]))
    document = np.array([documents[k] for k, use in zip(where, kept, strict=True) if use])
    attention, mlp = (
        np.concatenate([v.values for v in parts[name]])[kept][order].astype(np.float64)
        for name in ("attention", "mlp")
    )
    passages = passage[kept][order].astype(np.int64)
    return passages, document[order].astype(np.int64), attention, mlp


def _means(run: Run, attention: Floats, mlp: Floats) -> tuple[dict[str, Floats], str]:
    """The mean update of each layer, [L, width] each, and the tokens it is taken over.

    The sums of the run hold sinks behind position 0, of which one alone can outweigh all other
    tokens: where there are any, the means are those of the drawn tokens.
    """
    moments = summed_moments(run)
    if later_sinks(run) or "attention_sum" not in moments:
        own = {"attention": attention.mean(axis=0), "mlp": mlp.mean(axis=0)}
        return own, f"the {len(attention)} drawn tokens"
    count = float(moments["part_count"].ravel()[0])
    sums = {name: moments[f"{name}_sum"] / count for name in ("attention", "mlp")}
    return sums, f"all {count:.0f} tokens"


def _another(tokens: int, seed: int) -> NDArray[np.int64]:
    """For each token another one, by a random cycle through all."""
    order = np.random.default_rng([seed, 5]).permutation(tokens)
    other = np.empty(tokens, dtype=np.int64)
    other[order] = np.roll(order, 1)
    return other


def _cosines(first: Floats, second: Floats) -> Floats:
    """Cosines along the last axis; NaN for a zero vector."""
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    products = np.einsum("...w,...w->...", first, second)
    return np.asarray(products / np.where(lengths > 0, lengths, np.nan))


def _shared(mean: Floats, values: Floats) -> Floats:
    """|mean|^2 / mean of |value|^2 by layer."""
    squares = (values**2).sum(axis=-1).mean(axis=0)
    return np.asarray((mean**2).sum(axis=-1) / np.where(squares > 0, squares, np.nan))


#: Bins of the histogram between -1 and 1.
BINS = 80


def drawn_tokens(analysis: Analysis) -> Drawn | None:
    """The tokens of which vectors of parts were kept; None for none."""
    return drawn_parts(analysis.run)


def mean_update(analysis: Analysis) -> Answer:
    """The cosine without the mean update, and the histogram over tokens and blocks."""
    drawn, centred = analysis.once(drawn_tokens), analysis.once(without_mean_update)
    plots = [_histogram(analysis.run, drawn)]
    if drawn is None or centred is None:
        return Answer(plots=plots, notes=["No vectors of parts were kept; --parts 400 keeps them."])
    notes = [
        f"Mean updates are those of {drawn.means_of}; cosines without them are of {drawn.tokens} "
        "drawn tokens."
    ]
    if analysis.run.shuffled:
        notes.append(
            "No vectors of parts are kept in random order: it has no cosines without them."
        )
    return Answer([_claim(analysis, drawn, centred)], plots, notes=notes)


def without_mean_update(analysis: Analysis) -> Profile | None:
    """The cosine without the layer's mean update; None where no vectors of parts were kept."""
    run, drawn = analysis.run, analysis.once(drawn_tokens)
    if drawn is None:
        return None
    values = require_rows(drawn.by_document(drawn.centred), "drawn token")
    tokens = drawn.centred if len(values) == 1 else None
    twins = [found for found in (drawn_parts(twin) for twin in run.untrained) if found is not None]
    profiles = [twin.by_document(twin.centred) for twin in twins]
    whole = len({len(p) for p in profiles}) == 1
    every = len(np.unique(drawn.document))
    bands = np.stack(profiles) if profiles and whole else None
    return profile_of(run, values, tokens, bands, every - len(values))


def all_counts(run: Run) -> Counted:
    """The histogram of update_cosine over all usable tokens and layers, counted in the database."""
    found = numbers(
        run.sql(f"""
        select least(floor((value + 1) * {BINS / 2}), {BINS - 1})::int as bin, count(*) as n,
               sum(value) as total
        from (select update_cosine::double as value from layers
              join (select passage, position from tokens where {usable(run)})
              using (passage, position) where layer > 0)
        where isfinite(value) group by bin order by bin""")
    )
    counts = np.zeros(BINS)
    counts[np.clip(found["bin"].astype(int), 0, BINS - 1)] = found["n"]
    n = counts.sum()
    return Counted("all tokens", counts, float(found["total"].sum() / n) if n else math.nan)


def _counts(label: str, values: Floats) -> Counted:
    """The same histogram of values at hand; what is not a number is left out."""
    finite = values[np.isfinite(values)]
    counts, _ = np.histogram(np.clip(finite, -1, 1), np.linspace(-1, 1, BINS + 1))
    return Counted(label, counts, float(finite.mean()) if len(finite) else math.nan)


def _claim(analysis: Analysis, drawn: Drawn, centred: Profile) -> Claim:
    """What is left of the cosine once the layer's mean update is taken out."""
    raw, other = (
        float(drawn.by_document(values).mean()) for values in (drawn.raw, drawn.mismatched)
    )
    shares = {name: 100 * float(np.nanmean(share)) for name, share in drawn.shared.items()}
    statement = (
        f"Without the layer's mean update (that of {drawn.means_of}) the mean cosine of "
        f"{drawn.tokens} drawn tokens is {cosine(centred.value)} "
        f"({inside(centred)}); with it, at the same tokens, {cosine(raw)}, and between "
        f"attention's step of one token and the MLP's of another {cosine(other)}. The mean "
        f"update makes {shares['attention']:.0f} % of attention's squared length and "
        f"{shares['mlp']:.0f} % of the MLP's, averaged over the blocks. Without the mean, "
        f"{beside_twins(centred.twins, 'cosine')}{outside_words(centred)}."
    )
    plain = (
        "A part of what is added is the same at every token. Only what is left without it is about "
        "the token at hand."
    )
    finding = defaults_of(analysis).finding(
        statement,
        plain,
        centred.value,
        centred.interval,
        headline="Without the layer's mean update, the two parts push at a mean cosine of "
        f"{cosine(centred.value)}",
        n=len(centred.passages),
        excluded=centred.excluded,
    )
    return Claim(finding)


def _histogram(run: Run, drawn: Drawn | None) -> Plot:
    samples = [all_counts(run)]
    if drawn is not None:
        samples.append(_counts("drawn tokens, mean update taken out", drawn.centred))
        samples.append(_counts("attention of one drawn token, MLP of another", drawn.mismatched))
    title = "Cosine between what attention and what the MLP add, over tokens and blocks"
    return Plot(
        "decomposition_histogram",
        title,
        "Every token in every block counts once; sinks are left out. Tokens of one passage and "
        "blocks of one token are not independent: the picture describes, it tests nothing.",
        f"{chance_words(run)}; attention and MLP of different tokens",
        later(draw_cosines, samples, Labels(title, "cosine", "density"), chance=chance(run)),
        unit="tokens and blocks, descriptive",
    )
