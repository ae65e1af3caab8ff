"""The options of a run as keyword arguments, typed: what an editor completes and a checker checks.

Made by `python -m odograph.cli.reference options` from `RunConfig`; do not edit.
"""

from collections.abc import Sequence
from typing import Literal, TypedDict


class RunOptions(TypedDict, total=False):
    """Every option of `RunConfig` but the model and the texts; what is left out has its default."""

    revision: str | None
    """Branch, tag or commit on the hub; or --model MODEL@REVISION. Default: None."""

    name: str | None
    """What the model is called in figures, tables and reports; by default the shortest that tells
    it apart. Default: None."""

    dtype: Literal["auto", "float32", "bfloat16", "float16", "float64"]
    """Precision of the model; auto is float32 on a CPU, else as stored. Default: 'auto'."""

    device: str
    """auto (first GPU, else CPU), cpu, cuda, cuda:1, mps, or spread: the blocks over all GPUs, for
    a model larger than one. Default: 'auto'."""

    attention: Literal["auto", "sdpa", "eager", "flash_attention_2"]
    """Attention kernel; auto leaves the choice to transformers. Default: 'auto'."""

    part: Literal["auto", "encoder", "decoder"]
    """Part that is measured; of a model that has both only the encoder can be. Default: 'auto'."""

    offline: bool
    """Never touch the network. Default: False."""

    trust_remote_code: bool
    """Run model code that comes with the weights. Default: False."""

    allow_unused_weights: bool
    """Measure a model although its files hold weights that it has no place for, or lack some, which
    are then random. Default: False."""

    text_column: str | None
    """Column or key that holds the text. Default: None."""

    document_column: str | None
    """Column or key that names the document of each text; texts of one document are one unit.
    Default: None."""

    no_header: bool
    """The first line of .csv and .tsv files is a row; their columns are called 1, 2, ... Default:
    False."""

    whole: bool
    """Take each .txt file, and each document of a .conllu file, as one passage. Default: False."""

    strict: bool
    """Stop at the first bad passage instead of leaving it out and counting it. Default: False."""

    targets: str | Sequence[str]
    """Word to follow, found by characters as a whole word. Repeatable. Default: ()."""

    ignore_case: bool
    """Find targets in upper and lower case. Default: False."""

    match: Literal["auto", "words", "characters"]
    """Find targets as whole words or by characters; auto is by words where spaces stand between
    them and by characters in scripts without, such as Chinese, Japanese and Thai. Default:
    'auto'."""

    pieces: Literal["last", "mean", "drop"]
    """Target of several tokens: its last one, the mean of all, or left out. Default: 'last'."""

    tags: str
    """Part of speech of each word: none, conllu (the gold words of .conllu files), spacy:NAME (a
    spaCy pipeline or the path of one), column or column:NAME (a list of tags, one per word, in the
    column 'tags' or NAME). Default: 'none'."""

    variants: bool
    """Replace the first target in each passage by each of the targets in turn: one passage per
    target. Default: False."""

    groups: str | Sequence[str]
    """Tags, separated by commas, of which words are drawn; each drawn word becomes a passage of its
    own. Repeatable. Default: ()."""

    words: int
    """Words drawn of each group; as many of each. Default: 150."""

    context: int
    """Tokens read before a drawn word. Default: 40."""

    after: int
    """Tokens read after a drawn word, for encoders, which see them. Default: 0."""

    whole_words: bool
    """Draw only words of 5 or more letters and one token, with white space on both sides. Default:
    False."""

    frequencies: str | None
    """File of words and counts, a tab between them; by default counted in the texts. Default:
    None."""

    select: Literal["all", "targets"]
    """Tokens that get rows: all, or only targets and the tokens before them. Default: 'all'."""

    bos: Literal["auto", "always", "never"]
    """BOS token in front of each passage; auto does as the tokenizer does. Default: 'auto'."""

    chat: bool
    """Put each passage, as a message of the user, into the chat template of the model's tokenizer;
    only the passage's own tokens are measured. Default: False."""

    too_long: Literal["cut", "window"]
    """Passage longer than the model's positions: cut it, or read it in windows. Default: 'cut'."""

    target_file: str | None
    """File of words to follow beside those of --target, one a line; a line may be several words, in
    any language. Default: None."""

    target_columns: str | Sequence[str]
    """Columns that say which word of each text is followed and at which character it begins:
    WORD,OFFSET. With --target only where the word is one of these. Repeatable. Default: ()."""

    companion_columns: str | Sequence[str]
    """Columns of another marked word beside the target, which gets the role companion: WORD,OFFSET.
    Repeatable. Default: ()."""

    marks: str | Sequence[str]
    """Signs around the word to follow, such as [], taken out before the model reads the text; given
    again, those around companions. Default: ()."""

    template: str | Sequence[str]
    """Text with slots, written in all variants: 'The {job} lost {her|him} key.'. The variants are
    followed at the words between bars; {job} is a column of --values. Repeatable. Default: ()."""

    values: str | None
    """Table of values for the slots of --template, a column each; a row is an item. Default:
    None."""

    keep_columns: str | Sequence[str]
    """Columns that go with the texts into the run folder, separated by commas: conditions, items,
    subjects. Repeatable. Default: ()."""

    contrast: str | None
    """Column of conditions: what is measured at the targets is compared between its values.
    Default: None."""

    pair: str | None
    """Column of items: passages of one item are one unit and compared with each other, without
    --target at the words in which they differ. Default: None."""

    convention: Literal["stream", "hf", "lens"]
    """Last state: x_L (stream), N(x_L) (hf), or N at every layer (lens). Default: 'stream'."""

    measures: str | Sequence[str]
    """Measures, separated by commas; norm, rotation and step are always taken. Default: ('norm',
    'rotation', 'step', 'straightness')."""

    logits: Literal["none", "target", "full"]
    """Of the next token: nothing, its logit, or also log-probability, entropy, rank. Default:
    'target'."""

    untrained: int
    """Untrained twins (same architecture, random weights) to measure as well. Default: 0."""

    twin_passages: str
    """Documents that the twins read, drawn by the hash of their text, the same in each; or all, as
    always under --vectors. Default: '200'."""

    shuffled: int
    """Times that the same passages are measured again with their tokens in random order. Default:
    0."""

    split: bool
    """Halve the passages: look on one half, test what was chosen there on the other. Default:
    False."""

    keep_first: bool
    """Keep position 0, an attention sink, in statistics, figures and draws. Default: False."""

    keep: Literal["auto", "rows", "sums"]
    """rows of every token; sums: of every passage and layer what studies ask of all its tokens,
    with rows of the targets and of whole documents drawn by hash alone; or auto, sums where rows
    would take more than --keep-budget. Default: 'auto'."""

    keep_budget: float
    """Gigabytes on disk that rows of every token may take under --keep auto. Default: 20.0."""

    sample_passages: int
    """Documents of which a run that keeps sums has every row, drawn by the hash of their text.
    Twins, random orders, states of words and what is run again are of these alone. Default:
    1000."""

    no_texts: bool
    """Keep neither the texts nor what the tokens are: no page shows them, and what needs a token's
    frequency is not done. Default: False."""

    pairs: int
    """Random pairs drawn for each null and layer of a shard. Default: 256."""

    vectors: int
    """Texts a group of which the targets' states are kept at every layer, for trajectories.
    Default: 0."""

    parts: int
    """Tokens of which what attention and the MLP add is kept, for the decomposition. Default: 0."""

    axes: str | None
    """Earlier run in whose axes trajectories are shown as well. Default: None."""

    seed: int
    """Seed of every random draw. Default: 0."""

    skip_blocks: bool
    """Run the texts again with each block, and each run of blocks that turns least, skipped; needs
    --measures block_distance. Default: False."""

    undo: str | Sequence[str]
    """Run the texts again with something undone in one block at a time: turn, growth, attention,
    mlp, block, separated by commas, or all. Default: ()."""

    lens: bool
    """Read the prediction at every depth with the final norm and the head: when it settles.
    Default: False."""

    tuned_lens: str | None
    """Tuned lens for --lens: a .safetensors file with an affine map for each depth (0.weight,
    0.bias, ...), added to the state before the final norm. Default: None."""

    at: Literal["all", "targets"]
    """Tokens at which --undo undoes it and --lens reads: all, or the targets alone. Default:
    'all'."""

    sinks: Literal["leave", "too"]
    """Under --undo leave position 0 and attention sinks as they are and count them nowhere, or undo
    and count them too. Default: 'leave'."""

    tokens: int
    """Tokens of whole passages, drawn by hash, that --skip-blocks, --undo and --lens run again.
    Default: 4096."""

    batch_tokens: int
    """Tokens a batch; 0 chooses 512 on a CPU, 8192 on a GPU, fewer where memory is short. Halved
    when it runs out. Changes the last digits of results alone. Default: 0."""

    shard_tokens: int
    """Tokens a shard, about what is lost when a run is interrupted; more where that would make over
    8,192 shards. Default: 16384."""

    workers: int
    """Processes that measure here, each with the model and its share of the cores; on several GPUs
    each takes the next. Changes no result. Default: 1."""

    on: str
    """here, or on a Ray cluster: ray (a local one) or ray://ADDRESS; --workers then counts its
    processes, and --out is a folder that all its nodes reach. Changes no result. Default:
    'here'."""

    gpus_per_worker: float
    """GPUs of each process on a Ray cluster; a part of one lets several share it. Default: 0.0."""

    csv_safe: bool
    """Put an apostrophe before texts in CSV tables that a spreadsheet would run as a formula, or
    leave them. Default: True."""

    card: bool
    """Draw the card (model, precision, what was left out) under each figure; it is in the
    description of the file in any case. Default: False."""
