"""Passages as messages to a chat model: in its own template, of which only they are measured."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from odograph.corpus.passages import Passage
from odograph.corpus.pieces import Front, Pieces, Tokenizer, Vocabulary, strip
from odograph.corpus.special_names import SpecialNames
from odograph.errors import TextError, UsageError

# Of the private characters, which templates do not hold; letters at both sides survive a trim.
_MARK = "\ue000passage\ue001"
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Message:
    """A passage in its template: the text before it, the passage as it stands there, the rest.

    Args:
        before: template before the passage.
        text: the passage, without the white space that the template takes away.
        after: template after it.
        lead: characters of white space that were taken away at the start.
    """

    before: str
    text: str
    after: str
    lead: int

    @property
    def span(self) -> tuple[int, int]:
        """Where the passage stands among the characters of the message."""
        return len(self.before), len(self.before) + len(self.text)


class ChatTemplate:
    """A tokenizer's chat template, with one message of the user and no prompt for an answer.

    Args:
        tokenizer: a fast tokenizer.

    Raises:
        UsageError: it has no template, or one that does not give the message once as it is.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        if not getattr(tokenizer, "chat_template", None):
            raise UsageError(
                "chat: the tokenizer has no chat template",
                expected="a chat model, whose tokenizer brings one",
                given=type(tokenizer).__name__,
                remedy="Leave out --chat: a base model reads passages as they are.",
            )
        self._tokenizer: Any = tokenizer
        parts = self.render(_MARK, "a message").split(_MARK)
        if len(parts) != 2:
            raise UsageError(
                "chat: the template does not hold the user's message once, as it is",
                given=f"{len(parts) - 1} times",
                remedy="Put the messages into the template yourself and give them as token ids.",
            )
        self._before, self._after = parts

    def render(self, content: str, name: str) -> str:
        """The template with a message of the user; `name` stands in the error.

        Raises:
            UsageError: the template cannot be rendered.
        """
        from jinja2 import TemplateError

        message = [{"role": "user", "content": content}]
        try:
            return str(
                self._tokenizer.apply_chat_template(
                    message, tokenize=False, add_generation_prompt=False
                )
            )
        except (TemplateError, ValueError, TypeError, LookupError, ArithmeticError) as error:
            raise UsageError(
                f"chat: the template cannot be rendered with {name}",
                given=f"{type(error).__name__}: {str(error)[:200].rstrip('.')}",
                remedy="Put the messages into the template yourself and give them as token ids.",
            ) from error

    def message(self, passage: Passage) -> Message:
        """The passage in the template.

        Raises:
            TextError: the template changes it, or holds it more than once.
        """
        text = passage.text
        rendered = self.render(text, f"passage {passage.id!r}")
        bare = text.strip()
        for form in (text, bare):
            if rendered == self._before + form + self._after:
                lead = text.index(form)
                return Message(self._before, form, self._after, lead)
        if not bare or rendered.count(bare) != 1:
            raise TextError(
                f"passage {passage.id!r} does not stand once, as it is, in the chat template",
                given=f"{rendered.count(bare) if bare else 0} times",
                remedy="Leave it out, or leave out --chat.",
            )
        before, _, after = rendered.partition(bare)
        return Message(before, bare, after, text.index(bare))

    @cached_property
    def front(self) -> Front:
        """What stands in front of a message, for the eye; a message brings its own tokens."""
        ids = self._tokenizer(self._before, add_special_tokens=False)["input_ids"]
        shown = self._before
        if len(shown) > _SHOWN:
            digest = hashlib.sha256(shown.encode()).hexdigest()[:8]
            shown = f"{shown[: _SHOWN // 2]} ... {shown[-_SHOWN // 2 :]}"
            return Front(tuple(ids), f"chat template in front: {shown!r} (sha256 {digest})")
        return Front(tuple(ids), f"chat template in front: {shown!r}")


def split_messages(
    passages: Iterable[Passage],
    template: ChatTemplate,
    tokenizer: Tokenizer,
    vocabulary: Vocabulary,
) -> Iterator[Pieces]:
    """The pieces of each passage as they are in its message, with the tokens in front of them.

    The message is encoded whole, so that pieces at both ends of the passage are those that the
    model gets. Special tokens of the template are special, their names in the passage are text.
    """
    special = SpecialNames(tokenizer)
    for passage in passages:
        coded = _encode(template.message(passage), tokenizer, special)
        found, ids = _cut_out(passage.text, coded, vocabulary)
        yield replace(found, unknown=special.count_unknown(ids))


@dataclass(frozen=True, slots=True)
class _Coded:
    """A whole message as tokens; offsets are in its characters as they stand in `message`."""

    message: Message
    ids: list[int]
    offsets: list[tuple[int, int]]

    def within(self) -> list[int]:
        """The pieces with characters of the passage, in order."""
        start, end = self.message.span
        spans = enumerate(self.offsets)
        return [at for at, (first, last) in spans if max(first, start) < min(last, end)]

    def reaches_out(self, at: int) -> bool:
        """Whether a piece has characters of the template that are no white space."""
        start, end = self.message.span
        first, last = self.offsets[at]
        before = self.message.before[first:]
        after = self.message.after[: max(0, last - end)]
        return bool((first < start and before.strip()) or after.strip())


def _encode(message: Message, tokenizer: Tokenizer, special: SpecialNames) -> _Coded:
    """The tokens of a message, encoded whole."""
    coded = tokenizer(
        message.before + message.text + message.after,
        add_special_tokens=False,
        split_special_tokens=False,
        return_offsets_mapping=True,
        return_attention_mask=False,
        verbose=False,
    )
    found = _Coded(message, list(coded["input_ids"]), list(coded["offset_mapping"]))
    if not special.are_in(message.text, [found.ids[at] for at in found.within()]):
        return found
    before, after = special.hide(message.before), special.hide(message.after)
    return _Coded(
        replace(message, before=before, after=after), *special.encode(before + message.text + after)
    )


def _cut_out(text: str, coded: _Coded, vocabulary: Vocabulary) -> tuple[Pieces, list[int]]:
    """The passage's pieces and their ids; a piece with characters of the template is not one."""
    message = coded.message
    start, end = message.span
    within = coded.within()
    own = [at for at in within if not coded.reaches_out(at)]
    first, last = (own[0], own[-1] + 1) if own else (0, 0)
    ids = coded.ids[first:last]
    offsets = [
        (max(s, start) - start + message.lead, max(min(e, end), start) - start + message.lead)
        for s, e in coded.offsets[first:last]
    ]
    found = strip(text, ids, offsets, vocabulary)
    front = tuple(coded.ids[:first])
    return replace(found, front=front, across=len(within) - len(own)), ids
