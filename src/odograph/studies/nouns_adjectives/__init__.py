"""Do nouns and adjectives take other paths: steps and rotation by lemma, adjusted and matched."""

from odograph.folder.card import card_of
from odograph.folder.run import Run
from odograph.sentences.differences import cluster_test
from odograph.sentences.names import max_t_words, name_of_test
from odograph.studies.defaults import FindingDefaults
from odograph.studies.demo import TAGGED
from odograph.studies.nouns_adjectives.figures import plots
from odograph.studies.nouns_adjectives.findings import NO_LABELS, findings
from odograph.studies.nouns_adjectives.measured import Measured, measure
from odograph.studies.nouns_adjectives.tables import tables
from odograph.studies.phrases import twin_note
from odograph.studies.result import StudyResult
from odograph.studies.study import Study

QUESTION = (
    "Do nouns and adjectives (or any two groups of tags) take steps of other lengths, and is it "
    "still so at like position, length and frequency?"
)


def analyse(run: Run) -> StudyResult:
    """The study on one run whose words were drawn by their tags."""
    measured = measure(run)
    first, second = measured.sizes
    card = card_of(
        run.manifest,
        unit=f"{first} and {second} lemmas ({measured.names[0]}, {measured.names[1]})",
        test=_tests(measured),
    )
    defaults = FindingDefaults(
        STUDY.name,
        card,
        n=first + second,
        null=NO_LABELS,
        excluded=measured.excluded,
        unit="%",
        unit_of_inference="lemma",
    )
    return StudyResult(
        study=STUDY.name,
        question=QUESTION,
        findings=findings(measured, defaults),
        plots=plots(measured),
        tables=tables(measured),
        card=card,
        notes=_notes(measured),
    )


def _tests(measured: Measured) -> str:
    profile = measured.comparisons[0].profile
    if not profile.family:
        return "none: too few lemmas in a group"
    adjusted = name_of_test(measured.comparisons[0].adjusted.test)
    if measured.explored is not None:
        return (
            f"{name_of_test(profile.test)}, single tests of what was chosen on the other "
            f"half; {adjusted}"
        )
    return (
        f"{max_t_words(profile.test)}; {cluster_test(profile)}; adjusted: {adjusted}; family of "
        f"{profile.family} layers"
    )


def _halves_and_orders(measured: Measured) -> list[str]:
    """What random order and a first half mean for drawn words."""
    notes = []
    if measured.orders:
        notes.append(
            "In random order a drawn word stands anywhere among the tokens of its context: it has "
            "read others of them, and more or fewer, than in the text."
        )
    if measured.explored is not None:
        notes.append(
            "Pairs are matched by frequency, pieces and position alone, without a look at steps "
            "or rotation: nothing of them had to be chosen on the first half."
        )
    return notes


def _notes(measured: Measured) -> list[str]:
    run, config = measured.run, measured.run.manifest["config"]
    asked, counts = config["words"], run.manifest["exclusions"]
    drawn = len(measured.words.passage)
    notes = [
        f"{drawn} words were drawn ({asked} a group asked for), each read after at most "
        f"{config['context']} tokens of its text; their occurrences are averaged by lemma. Tags: "
        f"{run.manifest['corpus'].get('tagger') or config['tags']}.",
    ]
    if counts.get("drawn_lemmas_twice"):
        notes.append(
            f"{counts['drawn_lemmas_twice']} drawn words are further occurrences of a lemma."
        )
    if measured.words.shared:
        shared = sorted(measured.words.shared)
        notes.append(
            f"{len(shared)} lemmas were drawn in both groups and are left out of the comparison of "
            f"steps and rotation: {', '.join(shared)}."
        )
    if len(config["groups"]) > 2:
        notes.append(f"Compared are the first two of the groups {', '.join(config['groups'])}.")
    frequencies = "those of the file given" if config["frequencies"] else "counts in these texts"
    notes += [
        f"Frequencies are {frequencies}. Adjusting takes away what is linear in these covariates, "
        "and nothing else: words differ in more than is listed.",
        "The unit is the lemma: other lemmas of these texts could have been drawn, other texts "
        "could not. Words of one text share their contexts.",
        "Step and rotation are two families: nothing is corrected for looking at both.",
    ]
    notes += _halves_and_orders(measured)
    if measured.paths is None:
        notes.append(f"No paths: {measured.without_paths}")
    elif measured.paths.words.shared:
        notes.append(
            f"{measured.paths.words.shared} lemmas stand in both groups of the paths, though "
            "nothing is paired: their test is then rather too strict."
        )
    return [*notes, twin_note(run)]


STUDY = Study(
    name="nouns-adjectives",
    question=QUESTION,
    answer=analyse,
    needs={
        "tags": "conllu",
        "groups": ("NOUN", "ADJ"),
        "vectors": 300,
        "select": "targets",
        "whole": True,
        "untrained": 3,
    },
    demo=TAGGED,
)
