"""`--dry-run`: what would be read, found and paid, with nothing measured."""

import pytest

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
    out = tmp_path / "run"
    done = odograph(
        *(*command, "--model", gpt2_folder, "--texts", path, "--target", "her", "--target", "him"),
        *("--contrast", "condition", "--keep-columns", "item", "--out", out, "--dry-run"),
    )
    assert done.code == 0, done.err
    assert not out.exists()
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
