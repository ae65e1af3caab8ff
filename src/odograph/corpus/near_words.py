"""Words near a target that does not occur, and the message that names them."""

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence

from odograph.corpus.folding import fold
from odograph.corpus.look_alikes import quoted, quoted_apart
from odograph.corpus.scripts import cuts_a_character, has_unspaced, is_unspaced
from odograph.corpus.words import clean_targets, find_targets, find_words
from odograph.errors import TextError

_SUGGESTIONS = 5
#: Nothing that long is a word that somebody mistyped.
_LONGEST = 100


def suggest_words(texts: str | Iterable[str], target: str) -> list[str]:
    """Up to five words that do occur and are near the target, the nearest first.

    First the target in another case, then words that hold it, then words spelled alike. Where
    words have no spaces between them these are strings as long as the target that differ from it in
    half of their characters at most.
    """
    texts = [texts] if isinstance(texts, str) else list(texts)
    if len(target) > _LONGEST:
        return []
    other_case = Counter(
        text[hit.start : hit.end]
        for text in texts
        for hit in find_targets(text, [target], ignore_case=True)
    )
    words, runs = _words_and_runs(texts)
    name = fold(target.strip(), ignore_case=True).text
    holding = Counter(
        {word: n for word, n in words.items() if name in fold(word, ignore_case=True).text}
    )
    alike = difflib.get_close_matches(target, words, n=_SUGGESTIONS)
    if has_unspaced(target):
        alike += _alike_in_runs(runs, target.strip())
    ranked = [*_by_frequency(other_case), *_by_frequency(holding), *alike]
    return [word for word in dict.fromkeys(ranked) if word != target][:_SUGGESTIONS]


def _words_and_runs(texts: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
    """The words of the texts, and apart from them what is written without spaces."""
    words: Counter[str] = Counter()
    runs: Counter[str] = Counter()
    for text in texts:
        for start, end in find_words(text):
            if is_unspaced(text[start]):
                runs[text[start:end]] += 1
            elif end - start <= _LONGEST:
                words[text[start:end]] += 1
    return words, runs


def _alike_in_runs(runs: Counter[str], target: str) -> list[str]:
    """Strings of the target's length, first those with most of its characters in their places."""
    length = len(target)
    strings: Counter[str] = Counter()
    for run, n in runs.items():
        for start in range(len(run) - length + 1):
            if not cuts_a_character(run, start, start + length):
                strings[run[start : start + length]] += n
    same = {s: sum(a == b for a, b in zip(s, target, strict=True)) for s in strings}
    near = [s for s, count in same.items() if length <= 2 * count < 2 * length]
    return sorted(near, key=lambda s: (-same[s], -strings[s], s))[:_SUGGESTIONS]


def _by_frequency(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda word: (-counts[word], word))


def no_occurrence(texts: Sequence[str], targets: Sequence[str]) -> TextError:
    """The error that no target occurs in the texts, with words near them that do."""
    names = clean_targets(targets)
    near = {word: name for name in names for word in suggest_words(texts, name)}
    shown = [quoted_apart(word, name) for word, name in near.items() if word not in names]
    plural = "s" if len(names) > 1 else ""
    remedy = "Targets are whole words, in the case they are given in"
    if any(map(has_unspaced, names)):
        remedy = "Targets are found as they are given, by characters in scripts without spaces"
    return TextError(
        f"no occurrence of the target{plural} {', '.join(map(quoted, names))}"
        f" in {len(texts)} passage{'' if len(texts) == 1 else 's'}",
        remedy=f"{remedy}; near words that occur: {', '.join(shown)}." if shown else f"{remedy}.",
    )


def no_marked_word(targets: Sequence[str]) -> TextError:
    """The error that no word is marked in any passage, or none that is a target."""
    if not targets:
        return TextError(
            "no word is marked in any passage",
            expected="marks around a word, or a word and its place in the columns that were named",
        )
    return TextError(
        "no marked word is a target",
        expected=" or ".join(map(quoted, clean_targets(targets))),
        remedy="Leave out --target to follow every marked word.",
    )
