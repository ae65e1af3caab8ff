"""`odograph look` shows a text over its numbers, and leaves nothing behind."""

import re

import numpy as np
import pytest

from odograph.models import loading
from odograph.report.look import Look, extremes, profile_lines, telling_block, text_lines

TEXT = "They gave her a book, and her dog."


def test_look_shows_every_token_the_profile_and_the_extremes(odograph, tiny_model, tmp_path):
    ended = odograph("look", TEXT, "--model", tiny_model, "--block", 2, "--quiet")
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert lines[0].startswith("rotation, block 2 of ")
    assert "\x1b" not in ended.out
    shown = re.sub(r"\s", "", "".join(lines[1:-7:2]))
    assert shown.startswith("They")
    assert [line.split()[0] for line in lines[-6:-4]] == ["most", "least"]
    assert lines[-3].startswith("model  ")
    assert lines[-2].startswith("twin ")
    assert lines[-1].startswith("farthest from the untrained twin: block ")


def test_look_reads_a_file_and_keeps_a_run_only_with_out(odograph, tiny_model, tmp_path):
    (tmp_path / "text.txt").write_text(TEXT, encoding="utf-8")
    arguments = ("look", tmp_path / "text.txt", "--model", tiny_model, "--quiet")
    assert odograph(*arguments, "--out", tmp_path / "kept").code == 0
    assert (tmp_path / "kept" / "manifest.json").is_file()
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) >= ["kept"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--block", 99), "--block: expected 1 to"),
        (("--measure", "weight"), "measure 'weight' is not there"),
    ],
)
def test_look_refuses_what_is_not_there_and_leaves_nothing(
    odograph, tiny_model, tmp_path, more, told
):
    kept = tmp_path / "kept"
    ended = odograph("look", TEXT, "--model", tiny_model, "--quiet", "--out", kept, *more)
    assert ended.code == 2
    assert told in ended.err
    assert not kept.exists()


def test_look_loads_its_model_once(odograph, tiny_model, monkeypatch):
    loaded: list[object] = []
    monkeypatch.setattr(loading, "prepared", _recording(loading.prepared, loaded))
    assert odograph("look", TEXT, "--model", tiny_model, "--quiet").code == 0
    assert len(loaded) == 1


def _recording(function, into: list[object]):
    def recorded(*arguments, **named):
        into.append(arguments[0])
        return function(*arguments, **named)

    return recorded


def made(values: list[list[float]], pieces: tuple[str, ...] = ("a", " b", " c")) -> Look:
    return Look("rotation", pieces, (False,) + (True,) * (len(pieces) - 1), np.array(values))


NAN = float("nan")
PATH = made([[NAN] * 3, [80, 60, 70], [12, 20, 40], [12, 30, 30]])


def test_the_first_token_counts_neither_for_means_nor_for_extremes():
    assert PATH.means[1:].tolist() == [65, 30, 30]
    assert extremes(PATH, 2) == (["'c' 40.0°", "'b' 20.0°"], ["'b' 20.0°", "'c' 40.0°"])


def test_the_telling_block_is_where_tokens_or_the_twin_differ_most_but_never_the_first():
    assert telling_block(PATH) == 2
    twin = made([[NAN] * 3, [10] * 3, [30] * 3, [90] * 3])
    assert telling_block(PATH, twin) == 3
    assert telling_block(made([[NAN] * 3, [1, 2, 3]])) == 1


def test_colours_are_on_the_tokens_alone_and_numbers_stand_under_them():
    plain = text_lines(PATH, 2, width=80, colours=False)
    assert plain == ["a   b   c", "12  20  40"]
    coloured = text_lines(PATH, 2, width=80, colours=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured[0]) == plain[0]
    assert coloured[1] == plain[1]
    assert coloured[0].count("\x1b[0m") == 3


def test_lines_are_no_wider_than_asked_and_control_characters_are_made_visible():
    look = made([[NAN] * 40, [5.0] * 40], ("\x1b[31m", *(" word",) * 39))
    lines = text_lines(look, 1, width=30, colours=False)
    assert max(map(len, lines)) <= 30
    assert "\x1b" not in "".join(lines)


def test_bars_of_model_and_twin_have_one_scale():
    twin = made([[NAN] * 3, [30] * 3, [30] * 3, [30] * 3])
    assert profile_lines(PATH, twin) == [
        "model  █▁▁  block 1: 65.0°, block 3: 30.0°",
        "twin   ▁▁▁  block 1: 30.0°, block 3: 30.0°",
    ]
