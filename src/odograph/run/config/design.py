"""Options of a design: where targets stand, what goes with the texts, conditions and items."""

from odograph.run.config.fields import text_option
from odograph.run.config.texts import TextOptions


class DesignOptions(TextOptions):
    """Where targets stand in the texts, what goes with these, and what is compared."""

    target_file: str | None = text_option(
        None,
        "File of words to follow beside those of --target, one a line; a line may be several "
        "words, in any language.",
    )
    target_columns: tuple[str, ...] = text_option(
        (),
        "Columns that say which word of each text is followed and at which character it begins: "
        "WORD,OFFSET. With --target only where the word is one of these. Repeatable.",
    )
    companion_columns: tuple[str, ...] = text_option(
        (),
        "Columns of another marked word beside the target, which gets the role companion: "
        "WORD,OFFSET. Repeatable.",
    )
    marks: tuple[str, ...] = text_option(
        (),
        "Signs around the word to follow, such as [], taken out before the model reads the text; "
        "given again, those around companions.",
    )
    template: tuple[str, ...] = text_option(
        (),
        "Text with slots, written in all variants: 'The {job} lost {her|him} key.'. The variants "
        "are followed at the words between bars; {job} is a column of --values. Repeatable.",
    )
    values: str | None = text_option(
        None, "Table of values for the slots of --template, a column each; a row is an item."
    )
    keep_columns: tuple[str, ...] = text_option(
        (),
        "Columns that go with the texts into the run folder, separated by commas: conditions, "
        "items, subjects. Repeatable.",
    )
    contrast: str | None = text_option(
        None,
        "Column of conditions: what is measured at the targets is compared between its values.",
    )
    pair: str | None = text_option(
        None,
        "Column of items: passages of one item are one unit and compared with each other, without "
        "--target at the words in which they differ.",
    )

    @property
    def follows(self) -> bool:
        """Whether there are targets."""
        return bool(self.targets or self.placed)

    @property
    def placed(self) -> bool:
        """Whether targets are marked in the texts, or stand where passages of an item differ."""
        chosen = any("|" in template for template in self.template)
        return bool(self.target_columns or self.marks or chosen or self.finds_differences)

    @property
    def finds_differences(self) -> bool:
        """Whether targets are the words in which passages of one item differ."""
        named = (*self.targets, *self.target_columns, *self.marks, *self.groups, *self.template)
        return self.pair is not None and not named
