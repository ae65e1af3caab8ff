"""Where the tags of words come from, and the groups that words are drawn of: what may be asked."""

from collections.abc import Iterable

from odograph.errors import UsageError

DEFAULT_COLUMN = "tags"
#: Below so many words of a group nothing is said of it.
LEAST_WORDS = 10

_KINDS = ("none", "conllu", "column", "spacy")
_NAMED = {"column": False, "spacy": True}


def check_tags(tags: str) -> str:
    """The value of the option, if it is one.

    Raises:
        UsageError: an unknown kind, or a name missing or given where there is none.
    """
    kind, colon, name = tags.partition(":")
    named = bool(name.strip())
    wrong = kind not in _KINDS or bool(colon) != named or (named and kind not in _NAMED)
    if wrong or (_NAMED.get(kind, False) and not named):
        raise UsageError(
            "option 'tags'",
            expected="none, conllu, column, column:NAME or spacy:NAME",
            given=repr(tags),
            remedy="For example --tags spacy:en_core_web_sm.",
        )
    return tags


def kind_of(tags: str) -> str:
    """The kind of tags: none, conllu, column or spacy."""
    return tags.partition(":")[0]


def tag_column(tags: str) -> str | None:
    """The column that holds the tags; None where they come from elsewhere.

    >>> tag_column("column"), tag_column("column:upos"), tag_column("conllu")
    ('tags', 'upos', None)
    """
    kind, _, name = tags.partition(":")
    return (name or DEFAULT_COLUMN) if kind == "column" else None


def pipeline_name(tags: str) -> str | None:
    """The name or path of the spaCy pipeline; None where tags come from elsewhere."""
    kind, _, name = tags.partition(":")
    return name if kind == "spacy" else None


def clean_groups(groups: Iterable[str]) -> tuple[str, ...]:
    """The groups, split at commas, each once.

    >>> clean_groups(["NOUN, ADJ", "NOUN"])
    ('NOUN', 'ADJ')
    """
    names = (name.strip() for group in groups for name in group.split(","))
    return tuple(dict.fromkeys(name for name in names if name))
