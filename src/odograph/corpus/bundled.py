"""The texts that come with odograph, under names that `bundled:NAME` reads."""

from importlib.resources import files
from pathlib import Path

from odograph.errors import UsageError

_FILES = ("her.txt", "him.txt", "round.txt", "nietzsche.txt", "passages.txt", "tagged.conllu")


def bundled_texts() -> dict[str, Path]:
    """The bundled texts: name to file."""
    folder = Path(str(files("odograph.corpus"))) / "bundled"
    return {Path(file).stem: folder / file for file in _FILES}


def bundled_path(name: str) -> Path:
    """The file of one bundled text.

    Raises:
        UsageError: no bundled text has that name.
    """
    texts = bundled_texts()
    if name not in texts:
        raise UsageError(
            f"no bundled text of the name {name!r}",
            remedy=f"There are: {', '.join(texts)}.",
        )
    return texts[name]
