"""A run that is stopped leaves whole shards, and --resume gives what an unbroken run gives."""

import os
import signal
import subprocess
import sys
import time

import pytest

from odograph.folder.run import open_run

COMMAND = [sys.executable, "-c", "from odograph.cli import main; main()"]


@pytest.mark.slow
def test_interrupted_run_can_be_continued(odograph, tiny_model, texts, tmp_path):
    many = tmp_path / "many.txt"
    many.write_text(texts.read_text("utf-8") * 24, encoding="utf-8")
    given = ["--model", tiny_model, "--texts", many, "--target", "her", "--shard-tokens", 100]
    given.append("--quiet")
    out = tmp_path / "broken"
    words = list(map(str, ["measure", *given, "--out", out]))
    running = subprocess.Popen(
        [*COMMAND, *words],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "80"},
        # Whoever runs these tests in the background has them ignore it, and what they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while running.poll() is None and len(list(out.glob("layers/part-*"))) < 3:
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 1
    assert told == "odograph: interrupted; what was finished is whole: continue with --resume\n"

    refused = odograph("analyse", out)
    assert refused.code == 1
    assert "is not finished" in refused.err
    finished = [p.stat().st_mtime_ns for p in sorted(out.glob("layers/part-*"))[:2]]
    assert odograph(*words, "--resume").code == 0
    assert [p.stat().st_mtime_ns for p in sorted(out.glob("layers/part-*"))[:2]] == finished
    assert odograph("measure", *given, "--out", tmp_path / "whole").code == 0
    query = "select * from layers order by passage, position, layer"
    again, whole = (open_run(f).sql(query).fetchall() for f in (out, tmp_path / "whole"))
    assert again == whole
    assert not list(out.glob("**/*.tmp"))


def test_closed_pipe_is_no_error(finished):
    query = "select * from layers, range(200)"
    words = " ".join(f"'{word}'" for word in [*COMMAND, "sql", str(finished), query])
    done = subprocess.run(
        ["bash", "-c", f"{words} | head -n 1"], capture_output=True, text=True, check=True
    )
    assert (done.stdout.count("\n"), done.stderr) == (1, "")
