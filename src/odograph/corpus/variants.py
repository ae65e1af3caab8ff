"""Passages in which the first target is replaced by each of the targets in turn."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from odograph.corpus.near_words import no_occurrence
from odograph.corpus.passages import Passage, Word
from odograph.corpus.stored_texts import StoredTexts, stored_texts
from odograph.corpus.text_keys import name_key
from odograph.corpus.words import Match, Target, clean_targets, find_targets


def make_variants(
    passages: Sequence[Passage],
    targets: Sequence[str],
    *,
    ignore_case: bool = False,
    match: Match = "auto",
) -> tuple[StoredTexts, Counter[str]]:
    """The variants of each passage with a target, and counts of the passages left out.

    The first occurrence of any target, or the first that is fixed in the passage, is replaced by
    each target, in their order; the variants
    of passage ID are ID#v1, ID#v2, ... and follow this occurrence only. A passage that differs
    from one before in the target alone gives the same variants and is left out.

    Raises:
        TextError: no target occurs in any passage.
    """
    names = clean_targets(targets)
    counts: Counter[str] = Counter()

    def made() -> Iterator[Passage]:
        seen: set[int] = set()
        for passage in passages:
            found = passage.targets
            if found is None:
                found = find_targets(passage.text, names, ignore_case=ignore_case, match=match)
            if not found:
                counts["passages_without_target"] += 1
                continue
            variants = list(_variants(passage, found[0], names))
            key = name_key("\0".join(variant.text for variant in variants))
            if key in seen:
                counts["variants_met_twice"] += 1
                continue
            seen.add(key)
            yield from variants

    kept = stored_texts(made())
    if not kept:
        raise no_occurrence([passage.text for passage in passages], targets)
    return kept, counts


def _variants(passage: Passage, found: Target, names: Sequence[str]) -> Iterator[Passage]:
    given = passage.text[found.start : found.end]
    for number, name in enumerate(names, start=1):
        form = given if name == found.target else in_case_of(given, name)
        end = found.start + len(form)
        yield replace(
            passage,
            id=f"{passage.id}#v{number}",
            base=passage.base or passage.id,
            text=passage.text[: found.start] + form + passage.text[found.end :],
            words=tuple(_shifted(passage.words, found, form)),
            targets=(Target(name, found.start, end),),
            companions=tuple(_moved(passage.companions, found, len(form))),
        )


def in_case_of(given: str, name: str) -> str:
    """The name in capitals, or with an initial capital, where what it replaces has them.

    >>> in_case_of("Her", "him"), in_case_of("HER", "him"), in_case_of("I", "she")
    ('Him', 'HIM', 'She')
    """
    if len(given) > 1 and given.isupper():
        return name.upper()
    return name[:1].upper() + name[1:] if given[:1].isupper() else name


def _moved(companions: Sequence[Target], found: Target, length: int) -> Iterator[Target]:
    """The companions of the variant; one that was replaced is none."""
    by = length - (found.end - found.start)
    for each in companions:
        if each.end <= found.start:
            yield each
        elif each.start >= found.end:
            yield replace(each, start=each.start + by, end=each.end + by)


def _shifted(words: Sequence[Word], found: Target, form: str) -> Iterator[Word]:
    """The words of the variant; what was replaced is one word without tag and lemma."""
    by = len(form) - (found.end - found.start)
    inside = [word for word in words if word.start < found.end and word.end > found.start]
    yield from (word for word in words if word.end <= found.start)
    if inside:
        before, behind = min(inside[0].start, found.start), max(inside[-1].end, found.end)
        lead = inside[0].text[: found.start - before]
        tail = inside[-1].text[len(inside[-1].text) - (behind - found.end) :]
        yield Word(lead + form + tail, before, behind + by)
    for word in words:
        if word.start >= found.end:
            yield replace(word, start=word.start + by, end=word.end + by)
