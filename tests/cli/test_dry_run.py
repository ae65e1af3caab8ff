"""`--dry-run`: what would be read, found and paid, with nothing measured."""

import csv

import pytest
from tiny import build_gpt2, tokenizer

import odograph as og

TEXTS = """text,condition,item
They gave her the letter.,a,1
They gave him the letter.,b,1
We saw her on the bridge.,a,2
We saw her on the bridge!,a,3
A dog ran.,b,4
"""


def told(output):
    """The lines by their labels."""
    found = {}
    for line in output.splitlines():
        label = line[:12].strip()
        found.setdefault(label, []).append(line[12:])
    return found


@pytest.mark.parametrize("command", [("measure",), ("study", "rotation", "--untrained", "2")])
def test_all_is_told_and_nothing_is_measured(odograph, tmp_path, gpt2_folder, command):
    path = tmp_path / "a.csv"
    path.write_text(TEXTS)
    done = odograph(
        *(*command, "--model", gpt2_folder, "--texts", path, "--target", "her", "--target", "him"),
        *("--contrast", "condition", "--keep-columns", "item", "--dry-run"),
    )
    assert done.code == 0, done.err
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]
    found = told(done.out)
    assert found["model"] == [str(gpt2_folder)]
    assert found["texts"][0].startswith("5 passages, 4 documents, ")
    assert found["target"] == ["'her': 3", "'him': 1"]
    assert found["conditions"] == ["condition: 'a' 3, 'b' 2 passages"]
    assert any("near-cop" in line or "share half" in line for line in found["counted"])
    assert found["size"] == ["4 blocks of width 48"]
    tokens = int(found["texts"][0].split()[-2])
    times = 1 if command == ("measure",) else 3
    assert found["to read"][0].startswith(f"about {tokens * times:,} tokens")


def test_what_measuring_would_refuse_is_refused(odograph, tmp_path, gpt2_folder):
    done = odograph(
        *("measure", "--model", gpt2_folder, "--texts", "bundled:her", "--target", "zebra"),
        *("--out", tmp_path / "run", "--dry-run"),
    )
    assert done.code == 1
    assert "zebra" in done.err


def test_a_folder_is_asked_for_where_something_is_to_be_written(odograph, gpt2_folder):
    for command in (("measure",), ("study", "rotation")):
        done = odograph(*command, "--model", gpt2_folder, "--texts", "bundled:her")
        assert done.code == 2
        assert "missing option '--out': expected --out DIR, the folder to write" in done.err


def test_python_is_told_the_same_of_a_folder_and_of_a_loaded_model(odograph, tmp_path, gpt2_folder):
    path = tmp_path / "a.csv"
    path.write_text(TEXTS)
    rows = list(csv.DictReader(TEXTS.splitlines()))
    options = {"targets": ["her", "him"], "contrast": "condition", "for_study": "rotation"}
    named = og.plan(gpt2_folder, [path], **options)
    done = odograph(
        *("study", "rotation", "--model", gpt2_folder, "--texts", path, "--dry-run"),
        *("--target", "her", "--target", "him", "--contrast", "condition"),
    )
    assert str(named) in done.out
    loaded = og.plan(build_gpt2(), rows, tokenizer=tokenizer(begins=False), **options)
    assert (loaded.tokens, loaded.documents) == (named.tokens, named.documents)
    assert loaded.targets() == named.targets() == {"her": 3, "him": 1}
    assert loaded.work == named.work
    assert dict(loaded.lines())["arithmetic"] == dict(named.lines())["arithmetic"]
    assert "<pre>texts" in loaded._repr_html_()
