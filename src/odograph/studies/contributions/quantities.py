"""What the study looks at: the length of each part's step, and attention's share of the whole."""

from dataclasses import replace
from functools import partial

import numpy as np

from odograph.folder.documents import by_document
from odograph.folder.run import Run
from odograph.folder.selection import Means, columns_of, profile_means, usable
from odograph.studies.contributions.ties import PARTS
from odograph.studies.defaults import FindingDefaults
from odograph.studies.parts import WHOLE
from odograph.studies.phrases import twin_null
from odograph.studies.profile import Profile, read_profile
from odograph.studies.section import Analysis

_ALONG = "(partition by passage, position order by layer)"


def sizes(analysis: Analysis) -> dict[str, Profile]:
    """The length of each part's step in units of the state before the block."""
    run = analysis.run
    before = "stream_norm" if "stream_norm" in columns_of(run, "layers") else "norm"
    steps = dict(zip(PARTS, ("attention_step", "mlp_step"), strict=True))
    return {
        part: read_profile(
            run,
            partial(profile_means, expression=f"{step}::double / lag({before}) over {_ALONG}"),
        )
        for part, step in steps.items()
    }


def share(analysis: Analysis) -> Profile:
    """Attention's share of |a + m|^2: the sum of |a|^2 + a.m over that of |a + m|^2, by passage.

    The MLP's is 1 minus it. A share lies below 0 or above 1 where the other part, being longer,
    points against it.
    """
    return read_profile(analysis.run, attention_shares)


def attention_shares(run: Run) -> Means:
    """Attention's share of the squared step in each passage, over documents: [documents, L]."""
    product = "attention_step::double * mlp_step * update_cosine"
    own = profile_means(run, f"pow(attention_step::double, 2) + {product}", per="passage")
    whole = profile_means(run, f"pow({WHOLE}, 2)", per="passage")
    shared = np.intersect1d(own.units, whole.units)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = own.values[np.isin(own.units, shared)] / whole.values[np.isin(whole.units, shared)]
    return _over_documents(run, Means(shared, values, layers=own.layers))


def _over_documents(run: Run, means: Means) -> Means:
    """The means of passages averaged over documents; a document without a number is left out.

    means: `units` are passages, values [passages, layers].
    """
    found = run.sql(
        f"select distinct passage, document from tokens where {usable(run)}"
    ).fetchnumpy()
    of = dict(zip(found["passage"].tolist(), found["document"].tolist(), strict=True))
    documents = np.array([of[passage] for passage in means.units.tolist()], np.int64)
    every = len(np.unique(found["document"]))
    if not len(documents):
        return replace(means, excluded=every)
    values = by_document(means.values, means.units, documents)
    whole = np.isfinite(values).all(axis=1)
    units = np.unique(documents)[whole]
    return Means(units, values[whole], every - len(units), means.layers)


def defaults_of(analysis: Analysis) -> FindingDefaults:
    """What all findings of the study share."""
    return analysis.once(share).defaults(analysis, twin_null(analysis.run))
