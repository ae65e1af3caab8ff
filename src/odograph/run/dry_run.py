"""What a run would read, find and cost, told before anything is measured."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from odograph.corpus.encoded import ROLES, Encoding
from odograph.corpus.exclusions import EXCLUSIONS
from odograph.corpus.look_alikes import quoted
from odograph.corpus.readers import Reading
from odograph.corpus.stored import count_documents, count_tokens, facts_of
from odograph.corpus.tagging import tag_reading
from odograph.corpus.tokens import encode_passages
from odograph.models.outline import Outline, outline_in_memory, outline_of
from odograph.run.config import RunConfig
from odograph.run.design import designed
from odograph.run.estimate import Workload, sums_sentence, workload
from odograph.run.inputs import Texts, config_of, read_files, read_given
from odograph.run.memory import in_words
from odograph.run.preparing import encode_options, load_options
from odograph.run.sample_rows import Sample, sample_of
from odograph.run.shards import cut_into_shards

if TYPE_CHECKING:
    from torch import nn

#: So many targets and conditions are told one by one.
_MOST = 12
_BYTES = 4


@dataclass(frozen=True, eq=False)
class Forecast:
    """What a run would do.

    Attributes:
        config: the run's.
        reading: its texts.
        encoding: these as tokens of its model.
        model: the model, without its weights.
    """

    config: RunConfig
    reading: Reading
    encoding: Encoding
    model: Outline

    @property
    def tokens(self) -> int:
        """What the model reads."""
        return count_tokens(self.encoding.encoded)

    @property
    def documents(self) -> int:
        """How many units of inference there are."""
        return count_documents(self.encoding.encoded)

    @property
    def work(self) -> Workload:
        """What is read in all, by the model, its twins and in random order."""
        return workload(self.config, self.encoding, self.model.blocks, self.sample)

    @property
    def sample(self) -> Sample | None:
        """The passages that have rows, where sums are kept of all."""
        shards = len(cut_into_shards(self.encoding.encoded, self.config.shard_tokens))
        return sample_of(self.encoding, self.config, self.model.blocks, shards)

    def targets(self) -> Counter[str]:
        """The occurrences of each target that are measured."""
        found: Counter[str] = Counter()
        role = ROLES.index("target")
        for passage in self.encoding.encoded:
            places = zip(passage.role, passage.group, passage.occurrence, strict=True)
            found.update(
                group for group, _ in {(g, n) for r, g, n in places if r == role and g is not None}
            )
        return found

    def lines(self) -> Iterator[tuple[str, str]]:
        """What is told, label by label."""
        counted = f"{len(self.encoding.encoded):,} passages, {self.documents:,} documents"
        yield "texts", f"{counted}, {self.tokens:,} tokens"
        for skipped in self.reading.skipped[:_MOST]:
            yield "left out", f"{skipped.place}: {skipped.reason}"
        for key, count in self.encoding.exclusions.items():
            if count:
                yield "counted", f"{count:,} {EXCLUSIONS[key]}"
        found = self.targets()
        for name, count in found.most_common(_MOST):
            yield "target", f"{quoted(name)}: {count:,}"
        if len(found) > _MOST:
            yield "target", f"{len(found) - _MOST:,} others, {sum(found.values()):,} in all"
        yield from self._conditions()
        yield from self._costs()

    def __str__(self) -> str:
        """What is told, a line each."""
        return "\n".join(f"{label:<11} {told}" for label, told in self.lines())

    def _repr_html_(self) -> str:
        """The same in a notebook."""
        return f"<pre>{escape(str(self))}</pre>"

    def _conditions(self) -> Iterator[tuple[str, str]]:
        for option in ("contrast", "pair"):
            column = getattr(self.config, option)
            if column is None:
                continue
            values = [dict(passage.columns).get(column) for passage in self.encoding.encoded]
            found = Counter(str(value) for value in values if value is not None)
            if option == "pair":
                yield "items", f"{column}: {len(found):,}"
            else:
                each = ", ".join(f"{quoted(name)} {count:,}" for name, count in found.items())
                yield "conditions", f"{column}: {each} passages"

    def _costs(self) -> Iterator[tuple[str, str]]:
        model, config = self.model, self.config
        rows = int(facts_of(self.encoding.encoded).rows.sum(dtype=np.int64))
        yield "size", f"{model.blocks} blocks of width {model.width}"
        if model.memory is not None:
            yield "memory", f"{in_words(model.memory.taken)} of weights"
        work = self.work
        twins = f"{work.twins} twins of about {work.twin:,}, " * bool(work.twins)
        yield (
            "to read",
            f"about {work.tokens:,} tokens ({twins}{config.shuffled} random orders)",
        )
        if model.parameters is not None:
            operations = 2 * model.parameters * work.tokens
            yield "arithmetic", f"about {operations:.1e} floating-point operations"
        rows = rows if work.drawn is None else work.drawn
        size = rows * (model.blocks + 1) * max(3, len(config.measures)) * _BYTES + round(work.sums)
        if (sample := self.sample) is not None:
            yield "kept", sums_sentence(config, sample, work.texts, model.blocks)
        yield "on disk", f"at most {in_words(size)} for the model, before compression"


def forecast(config: RunConfig) -> Forecast:
    """What a run of this config would do; no weight is read.

    Raises:
        TextError, ModelError, UsageError: as measuring would, as far as that is known by now.
    """
    encode_options(config)
    reading = _designed(read_files(config.texts, config), config)
    return _forecast(reading, outline_of(config.model, load_options(config)), config)


def forecast_given(
    model: "str | Path | nn.Module", texts: Sequence[Texts], tokenizer: Any, options: dict[str, Any]
) -> Forecast:
    """The same from Python: of a model that is named or loaded, and of texts however they are.

    Raises:
        TextError, ModelError, UsageError: as measuring would, as far as that is known by now.
    """
    config = config_of(model, texts, options)
    encode_options(config)
    reading = _designed(read_given(texts, config), config)
    if isinstance(model, str | Path):
        return _forecast(reading, outline_of(config.model, load_options(config)), config)
    return _forecast(reading, outline_in_memory(model, tokenizer), config)


def _designed(read: Reading, config: RunConfig) -> Reading:
    return designed(tag_reading(read, config.tags), config)


def _forecast(reading: Reading, model: Outline, config: RunConfig) -> Forecast:
    options = encode_options(config, model)
    encoding = encode_passages(reading.passages, model.tokenizer, options)
    return Forecast(config, reading, encoding, model)
