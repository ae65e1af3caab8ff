"""The words about targets and their companions, the marked words of a second role."""

#: The level of the targets; the others are called by their columns or marks.
THE_TARGET = "the target"
IN_THE_SAME_TEXTS = "in the same texts"
COMPANION_NOTE = (
    "Targets and companions are other words at other places; a difference between them does not "
    "show that their roles matter."
)


def role_words(level: str) -> str:
    """Whose vector it is: "the target", "the companion 'A'"."""
    return level if level == THE_TARGET else f"the companion '{level}'"
