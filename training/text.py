"""The training text: books and stories cleaned to one paragraph a line, and split.

Cleaning, in order: line ends and typographic marks become plain ones; headings, rules and
footnote marks go; emphasis marks (`_`, `*`) go; lines inside a paragraph of a book are joined by
a space, because they are only the width of a page; a paragraph becomes one line.
"""

import hashlib
import re
from pathlib import Path

HELD_OUT_BOOKS = (
    "Edith_Nesbit_The_Railway_Children",
    "Lewis_Carroll_Alice_s_Adventures_in_Wonderland",
    "Oscar_Wilde_The_Happy_Prince_Other_Tales",
)
HELD_OUT_STORY_EVERY = 20
SEPARATOR = "<|endoftext|>"

PLAIN = str.maketrans(
    {
        "“": '"', "”": '"', "‘": "'", "’": "'", "`": "'",
        "—": "--", "–": "-", "…": "...", "\u200b": "", "\u2060": "", "\xa0": " ",
    }
)  # fmt: skip
SKIPPED_LINE = re.compile(r"^\s*(#.*|[-*_\s]*)$")
FOOTNOTE = re.compile(r"\[\d+\]")
EMPHASIS = re.compile(r"(?<!\w)[_*]+|[_*]+(?!\w)")


def plain(text: str) -> str:
    """Text with Unix line ends, straight quotes and `--` for a dash."""
    return text.replace("\r\n", "\n").translate(PLAIN)


def clean_book(text: str) -> str:
    """A Markdown book as one paragraph a line, without headings, rules and emphasis marks."""
    lines = [
        "" if SKIPPED_LINE.match(line) else line.lstrip("> ") for line in plain(text).split("\n")
    ]
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines))
    joined = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return "\n".join(tidy(paragraph) for paragraph in joined if paragraph)


def tidy(paragraph: str) -> str:
    """A paragraph without footnote and emphasis marks."""
    return EMPHASIS.sub("", FOOTNOTE.sub("", paragraph.replace("\\", "")))


def clean_stories(text: str) -> list[str]:
    """Stories of a file split by `<|endoftext|>`, each as one paragraph a line."""
    stories = (plain(story).split("\n") for story in text.split(SEPARATOR))
    cleaned = ["\n".join(" ".join(line.split()) for line in s if line.strip()) for s in stories]
    return [story for story in cleaned if story]


def documents(data: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Training and held-out documents by name, in a fixed order."""
    train: dict[str, str] = {}
    held_out: dict[str, str] = {}
    for path in sorted((data / "books").glob("*.md")):
        side = held_out if path.stem in HELD_OUT_BOOKS else train
        side[path.stem] = clean_book(path.read_text("utf-8"))
    stories = clean_stories((data / "tinystories.txt").read_text("utf-8"))
    for number, story in enumerate(stories):
        side = held_out if number % HELD_OUT_STORY_EVERY == 0 else train
        side[f"story-{number:04d}"] = story
    missing = set(HELD_OUT_BOOKS) - set(held_out)
    if missing:
        raise FileNotFoundError(f"expected the books {sorted(missing)} in {data / 'books'}")
    return train, held_out


def fingerprint(texts: dict[str, str]) -> str:
    """sha256 over the names and texts of documents, in hexadecimal."""
    digest = hashlib.sha256()
    for name, text in texts.items():
        digest.update(f"{name}\0{text}\0".encode())
    return digest.hexdigest()


def fixed_passage(held_out: dict[str, str], book: str, characters: int) -> str:
    """The opening paragraphs of a held-out book, whole paragraphs up to `characters`."""
    chosen: list[str] = []
    for paragraph in held_out[book].split("\n"):
        if chosen and sum(map(len, chosen)) + len(paragraph) > characters:
            break
        chosen.append(paragraph)
    return "\n".join(chosen)
