"""The fonts of figures: DejaVu Sans, and behind it what this machine has for scripts it lacks.

An SVG leaves its text to the fonts of whoever looks at it. A PNG and a PDF are drawn here.
"""

import logging
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from odograph.terminal import tell

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FAMILY = "DejaVu Sans"
#: Widespread fonts of Linux, macOS and Windows: of Chinese, Japanese and Korean, of other scripts,
#: of emoji without colours. Of each kind the first that is there draws what the ones before lack.
_BEHIND = (
    *("Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans JP", "Noto Sans SC", "Noto Sans KR"),
    *("Source Han Sans", "IPAexGothic", "IPAGothic", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
    *("Droid Sans Fallback", "NanumGothic", "UnBatang", "Hiragino Sans", "PingFang SC"),
    *("Apple SD Gothic Neo", "Yu Gothic", "Meiryo", "MS Gothic", "Microsoft YaHei", "SimHei"),
    *("Malgun Gothic", "Noto Sans Thai", "Loma", "Noto Sans Devanagari", "Lohit Devanagari"),
    *("Noto Sans Bengali", "Noto Sans Tamil", "Noto Sans Khmer", "Noto Sans Myanmar"),
    *("Noto Sans Ethiopic", "Leelawadee UI", "Nirmala UI", "Arial Unicode MS"),
    *("Noto Emoji", "Symbola", "Segoe UI Symbol", "Unifont"),
)
#: Of so many characters that no font has the first are named.
_NAMED = 5
_told: set[bool] = set()


@cache
def behind() -> tuple[str, ...]:
    """The families that draw what DejaVu Sans lacks, each what those before it lack, too."""
    from matplotlib import font_manager

    there = {font.name for font in font_manager.fontManager.ttflist}
    return tuple(name for name in _BEHIND if name in there)


@contextmanager
def quiet_search() -> Iterator[None]:
    """Without matplotlib's notes that a font has no bold of its own."""
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


def tell_missing(figure: "Figure") -> None:
    """Says once in the life of a process which characters of a figure no font here has."""
    missing = "" if _told else missing_in(figure)
    if missing:
        _told.add(True)
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        tell(
            f"no font here has {' '.join(missing[:_NAMED])}{more}: in PNG and PDF they are boxes, "
            "in SVG they stay what they are. Install one that has them, such as Noto Sans CJK"
        )


def missing_in(figure: "Figure") -> str:
    """The characters of a figure that no font here has, in the order of their code points."""
    from matplotlib.text import Text

    used = {c for text in figure.findobj(Text) for c in text.get_text()}
    for family in (FAMILY, *behind()):
        used -= _characters(family)
        if not used:
            break
    # Nothing is drawn for those that join, mark or direct others.
    return "".join(sorted(c for c in used if unicodedata.category(c) not in ("Cc", "Cf", "Mn")))


@cache
def _characters(family: str) -> frozenset[str]:
    from matplotlib import font_manager

    found = font_manager.findfont(font_manager.FontProperties(family=family))
    return frozenset(map(chr, font_manager.get_font(found).get_charmap()))
