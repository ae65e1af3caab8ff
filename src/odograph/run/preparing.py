"""What a run begins with: texts that are read, a model loaded and checked, tokens of the texts."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from torch.nn import Module

from odograph.corpus.encoded import Encoding
from odograph.corpus.frequencies import read_frequencies
from odograph.corpus.options import EncodeOptions, WordDraw
from odograph.corpus.readers import Reading
from odograph.corpus.tagging import tag_reading
from odograph.corpus.tokens import Encoder, encode_here, encode_passages
from odograph.errors import UsageError
from odograph.folder.axes import check_axes
from odograph.folder.run import open_run
from odograph.measures import ATTENTION, MLP
from odograph.models.loading import Loaded, load
from odograph.models.own_class import OwnNetwork
from odograph.models.precision import load_compared
from odograph.models.sources import LoadOptions
from odograph.run.ablations import check_ablations
from odograph.run.again import check_again_options
from odograph.run.columns import columns_of
from odograph.run.config import RunConfig
from odograph.run.design import designed
from odograph.run.execute import Job
from odograph.run.inputs import check_vocabulary
from odograph.run.lens import check_lens
from odograph.run.memory import announce_memory
from odograph.run.observers import asks_for_parts, has_parts
from odograph.run.progress import announce_left_out, announce_no_prediction, announce_refused
from odograph.run.sample_rows import check_keep
from odograph.run.skips import check_skips

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Source:
    """Where model and texts come from; a tokenizer goes with a model given as an object only.

    `read` gives the texts: they are held until they are tokens, no longer.
    `accept` raises where the model, once loaded and checked, does not serve.
    `load` loads it.
    """

    model: "str | Path | nn.Module"
    read: Callable[[], Reading]
    tokenizer: Any = None
    accept: Callable[[Loaded], None] | None = None
    load: Callable[..., Loaded] = load


def read_texts(source: Source, config: RunConfig) -> Reading:
    """The texts of a run as its design asks for, with tags where they are wanted.

    Raises:
        TextError: there are none, or they cannot be read or tagged.
        UsageError: the texts lack what the design needs.
    """
    return designed(tag_reading(source.read(), config.tags), config)


def load_checked(source: Source, config: RunConfig, *, show: bool) -> Loaded:
    """The model, which can do all that the config asks for."""
    if show and not isinstance(source.model, Module):
        announce_memory(str(source.model), load_options(config), config.workers)
    loaded = load_compared(source.model, load_options(config), source.tokenizer, source.load)
    if isinstance(source.model, Module) and config.name is not None:
        loaded = replace(loaded, identity=replace(loaded.identity, name=config.name))
    if isinstance(loaded.model, OwnNetwork) and config.untrained:
        raise UsageError(
            "untrained twins of a class of your own",
            expected="untrained=0: how its weights begin is not known",
            given=str(config.untrained),
            remedy="Measure a network with random weights as a run of its own.",
        )
    loaded.checks.refuse_if_failed(logits=config.logits != "none" or config.runs_again)
    if source.accept is not None:
        source.accept(loaded)
    check_skips(loaded, config)
    check_ablations(loaded, config)
    check_lens(loaded, config)
    _check_predictions(loaded, config, show=show)  # says what goes on: after all that refuses
    if config.axes is not None:
        check_axes(open_run(config.axes), asdict(loaded.identity))
    return loaded


def encode(reading: Reading, loaded: Loaded, job: Job, encoder: Encoder = encode_here) -> Encoding:
    """The texts as tokens of the model; says what is left out of them.

    `encoder`: who encodes them, by default this process alone.
    """
    options = encode_options(job.config, loaded.anatomy)
    encoding = encode_passages(reading.passages, loaded.tokenizer, options, encoder=encoder)
    if job.progress:
        announce_left_out(reading, encoding)
        of_parts = asks_for_parts(job.config) or {ATTENTION, MLP} & {*job.config.undo}
        if of_parts and not has_parts(loaded):
            announce_refused(loaded)
    check_vocabulary(loaded.vocabulary, encoding)
    return encoding


def _check_predictions(loaded: Loaded, config: RunConfig, *, show: bool) -> None:
    """Leaves the usual next logit out, with a word, where a model predicts nothing.

    Raises:
        ModelError: the whole prediction is asked for.
    """
    if loaded.anatomy.head is not None or config.logits == "none":
        return
    if config.logits == "full":
        loaded.anatomy.needed_head()
    if show:
        announce_no_prediction(loaded)


def load_options(config: RunConfig) -> LoadOptions:
    """The part of a config that says how the model is loaded."""
    names = LoadOptions.__dataclass_fields__
    return LoadOptions(**{name: getattr(config, name) for name in names})


class Reader(Protocol):
    """What tokens must know of the model that reads them."""

    @property
    def positions(self) -> int | None:
        """The longest input, or None."""

    @property
    def causal(self) -> bool:
        """Whether a state depends on nothing after its token."""


def encode_options(config: RunConfig, anatomy: Reader | None = None) -> EncodeOptions:
    """The options of the corpus side, with what the model says of itself once it is loaded.

    Raises:
        UsageError: options that exclude each other.
        TextError: the file of frequencies cannot be read.
    """
    _check_draw(config)
    columns_of(config)
    check_again_options(config)
    check_keep(config)
    frequencies = None if config.frequencies is None else read_frequencies(config.frequencies)
    return EncodeOptions(
        targets=config.targets,
        placed=config.placed,
        items=config.pair is not None or bool(config.template),
        ignore_case=config.ignore_case,
        match=config.match,
        pieces=config.pieces,
        select=config.select,
        bos=config.bos,
        chat=config.chat,
        max_positions=anatomy.positions if anatomy else None,
        too_long=config.too_long,
        # Whether tokens after a drawn word serve anything is known once the model is.
        causal=anatomy.causal if anatomy else not config.after,
        tagged=config.tags != "none",
        variants=config.variants,
        draw=_word_draw(config) if config.groups else None,
        frequencies=frequencies,
    )


def _check_draw(config: RunConfig) -> None:
    """Refuses options of the draw where no words are drawn: nothing would come of them."""
    fields = type(config).model_fields
    for name in ("words", "context", "after", "whole_words"):
        if not config.groups and getattr(config, name) != fields[name].default:
            raise UsageError(
                f"option '{name}' without groups",
                expected="the tags of which words are drawn",
                given=f"{getattr(config, name)} and no groups",
                remedy="Name them, for example --groups NOUN,ADJ, or leave the option out.",
            )


def _word_draw(config: RunConfig) -> WordDraw:
    return WordDraw(
        groups=config.groups,
        words=config.words,
        context=config.context,
        after=config.after,
        whole_words=config.whole_words,
        seed=config.seed,
    )
