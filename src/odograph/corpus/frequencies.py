"""How often words occur: counted in the texts, or from a list."""

from collections import Counter
from collections.abc import Iterable

from odograph.corpus.passages import Passage
from odograph.corpus.sources import decode, open_file, split_lines
from odograph.errors import TextError

_MOST = 2**31 - 1


def count_forms(passages: Iterable[Passage]) -> Counter[str]:
    """How often each lower-cased form occurs among the words of the passages."""
    return Counter(word.text.lower() for passage in passages for word in passage.words)


def read_frequencies(path: str) -> dict[str, int]:
    """Counts of lower-cased forms from a file of word<TAB>count, a header allowed.

    Forms that differ in case only are added up; blank lines are left out.

    Raises:
        TextError: the file cannot be read, holds no count, or a line is not of this form.
    """
    source = open_file(path)
    counts: Counter[str] = Counter()
    for number, line in enumerate(split_lines(decode(source)), start=1):
        word, tab, count = line.partition("\t")
        if not line.strip() or (number == 1 and tab and not count.strip().isdecimal()):
            continue
        form = word.strip().lower()
        known = tab and form and count.strip().isdecimal()
        if not known or counts[form] + int(count) > _MOST:
            raise TextError(
                f"{source.place(number)}: not a frequency",
                expected=f"a word, a tab and a whole number up to {_MOST}",
                given=repr(line[:60]),
                remedy="Correct the line or take it out.",
            )
        counts[form] += int(count)
    if not counts:
        raise TextError(f"{source.name} holds no frequency", remedy="Give lines of word<TAB>count.")
    return dict(counts)
