"""What a study cannot do with these options, this model or this run is told, and when."""

import json

import pytest

from odograph.run.options import make_config


@pytest.fixture(scope="session")
def post_norm_model(tmp_path_factory, tiny_model):
    """Folder of a BERT of 2 blocks: a norm behind each sum, so the parts do not make the whole."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForMaskedLM

    folder = tmp_path_factory.mktemp("models") / "post-norm"
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertForMaskedLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def tagged(tmp_path):
    """A table of two rows, each with a tag for every word."""
    path = tmp_path / "tagged.jsonl"
    rows = [
        {"text": "The old dog ran.", "tags": ["DET", "ADJ", "NOUN", "VERB"]},
        {"text": "A small boat sank.", "tags": ["DET", "ADJ", "NOUN", "VERB"]},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def compared(odograph, groups, tmp_path):
    out = tmp_path / "run"
    ended = odograph(
        *("study", "nouns-adjectives", "--model", "no-such-model", "--texts", "bundled:tagged"),
        *("--groups", groups, "--out", out),
    )
    assert not out.exists()
    return ended


def test_one_group_is_refused_before_the_model_is_loaded(odograph, tmp_path):
    ended = compared(odograph, "NOUN", tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "odograph: the study nouns-adjectives compares two groups of words: expected two tags, "
        "for example --groups NOUN,ADJ, got --groups NOUN. Name the tag to compare it with.\n"
    )


def test_three_groups_are_refused_and_not_cut_to_two(odograph, tmp_path):
    ended = compared(odograph, "NOUN,ADJ,VERB", tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "odograph: the study nouns-adjectives compares two groups of words: expected two tags, "
        "for example --groups NOUN,ADJ, got --groups NOUN,ADJ,VERB. Take two at a time, a run for "
        "each pair: --groups NOUN,ADJ.\n"
    )


@pytest.mark.parametrize("study", ["decomposition", "contributions"])
def test_a_model_whose_parts_cannot_be_told_apart_is_refused_before_it_is_measured(
    odograph, study, post_norm_model, texts, tmp_path
):
    out = tmp_path / "run"
    ended = odograph(
        "study", study, "--model", post_norm_model, "--texts", texts, "--out", out, "--quiet"
    )
    assert (ended.code, ended.out) == (1, "")
    assert not out.exists()
    before, _, rest = ended.err.partition(", got refused")
    assert before == (
        f"odograph: the study {study} cannot be done with {post_norm_model}: its attention and "
        "MLP cannot be told apart: expected x_{l-1} + a_l + m_l = x_l in every block"
    )
    assert rest.endswith(
        ". Nothing was measured. Studies of whole steps, such as path-length, can be done.\n"
    )


def test_whole_steps_of_such_a_model_are_measured(odograph, post_norm_model, texts, tmp_path):
    given = ["--model", post_norm_model, "--texts", texts, "--out", tmp_path / "run", "--quiet"]
    ended = odograph("measure", *given, "--measures", "update_cosine")
    assert ended.code == 0, ended.err


def test_the_remedy_for_a_table_does_not_name_an_option_for_other_files(
    odograph, tiny_model, tagged, texts, tmp_path
):
    rows, lines = tmp_path / "rows", tmp_path / "lines"
    model = ["--model", tiny_model, "--quiet"]
    measured = odograph("measure", *model, "--texts", tagged, "--tags", "column", "--out", rows)
    assert measured.code == 0, measured.err
    assert odograph("measure", *model, "--texts", texts, "--out", lines).code == 0
    said = (
        "odograph: the run has no two groups of drawn words: expected two tags in --groups, got "
        "none. Measure it with --tags {}.\n"
    )
    assert odograph("analyse", rows, "nouns-adjectives").err == said.format(
        "column (or spacy:NAME) and --groups NOUN,ADJ"
    )
    assert odograph("analyse", lines, "nouns-adjectives").err == said.format(
        "conllu (or spacy:NAME), --groups NOUN,ADJ and --whole"
    )


def test_the_run_of_the_axes_is_found_from_any_folder(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    axes = make_config({"axes": "earlier"}).axes
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert axes == str(tmp_path / "earlier")
    assert make_config({"axes": axes}).axes == axes
