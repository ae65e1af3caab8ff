"""The paragraph for a paper's methods section, from the cards of a run, with what to cite."""

from collections.abc import Iterable, Mapping

from odograph.errors import RunError
from odograph.folder.run import Run
from odograph.folder.targets import target_names
from odograph.sentences.english import several

#: What a card's test rests on: a part of its name, and the source.
SOURCES = {
    "max-T": "Nichols & Holmes 2002 (max-T)",
    "cluster mass": "Maris & Oostenveld 2007 (cluster mass)",
    "bootstrap-t": "Hall 1992 (bootstrap-t)",
    "permutation of labels": "Chung & Romano 2013 (studentised permutation)",
    "wild bootstrap": "Davidson & Flachaire 2008 (wild bootstrap)",
    "Welch": "Welch 1947 (unequal variances)",
    "BCa": "Efron 1987 (BCa intervals)",
}
#: More marked words than that are counted, not named.
_MOST_NAMED = 5


def methods_paragraph(run: Run) -> str:
    """How a run was measured and tested, in sentences, and what to cite.

    Raises:
        RunError: a comparison, which has no single model, or a run without any study.
    """
    if run.manifest["kind"] != "run" or not run.sections:
        raise RunError(
            f"'{run.folder}' has no methods to tell",
            expected="a run with a study",
            remedy="Do a study first: odograph analyse RUN. Of a comparison, name its runs.",
        )
    cards = {study: section["card"] for study, section in run.sections.items()}
    card = next(iter(cards.values()))
    tests = [f"{study}: {each['test']}, over {each['unit']}." for study, each in cards.items()]
    return " ".join(
        [
            f"Hidden states of {card['model']} were measured with odograph "
            f"{run.manifest['odograph']} in {card['precision']}.",
            f"{_texts(run)} Convention of the last state: {card['convention']}; BOS: "
            f"{card['BOS']}; left out: {card['left out']}.",
            "An angle is taken between successive states of the residual stream (rotation); a step "
            "is their difference.",
            f"{_nulls(run)} Intervals are 95 % (BCa bootstrap over documents where not said "
            "otherwise).",
            "Tests by study:",
            *tests,
            f"All draws come from seed {card['seed']}.",
            f"Cite: odograph {run.manifest['odograph']}; {'; '.join(_sources(cards))}.",
            f"Fingerprints: model {run.manifest['model']['fingerprint'][:12]}, texts "
            f"{run.manifest['corpus']['fingerprint'][:12]}.",
        ]
    )


def _texts(run: Run) -> str:
    corpus = run.manifest["corpus"]
    documents = corpus.get("documents") or corpus["passages"]
    names = target_names(run)
    marked = not run.manifest["config"].get("targets")
    few = len(names) <= _MOST_NAMED or not marked
    targets = ", ".join(f"'{n}'" for n in names) if few else f"{len(names)} different marked words"
    followed = f" Followed: {targets}." if targets else ""
    counted = (
        f"{several(documents, 'document')} ({several(corpus['passages'], 'passage')}, "
        f"{several(corpus['tokens'], 'token')}) were read; the document is the unit of inference."
    )
    return counted + followed


def _nulls(run: Run) -> str:
    """The runs beside the model that its curves are held against."""
    twins, orders = len(run.manifest["untrained"]), len(run.manifest.get("shuffled", []))
    said = [several(twins, "randomly initialised twin")]
    if not twins:
        said = []
    if orders:
        said.append(f"the same texts in {several(orders, 'random order')}")
    said.append("random pairs of tokens")
    return f"Nulls: {', '.join(said)}."


def _sources(cards: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    tests = " ".join(card["test"] for card in cards.values()) + " BCa"
    return [source for name, source in SOURCES.items() if name in tests]
