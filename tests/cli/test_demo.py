"""The main job, on the bundled model."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from record_rules import assert_well_said, words_told
from views import views_that_lack_something

from docs.written import PAGES, written
from odograph.cli.demo import demo_parts
from odograph.folder.run import open_run
from odograph.models.bundled_model import bundled_model
from odograph.studies.demo import DemoRun
from odograph.studies.registry import BUILT_IN, find

README = Path(__file__).parents[2] / "README.md"

needs_the_model = pytest.mark.skipif(
    not (bundled_model() / "model.safetensors").is_file(), reason="the bundled model is absent"
)


def test_studies_of_one_part_share_its_run_and_are_in_one_folder(
    odograph, monkeypatch, tiny_model, texts, tmp_path
):
    options = {"model": str(tiny_model), "targets": ("her",), "untrained": 1}
    names, run = ("path-length", "rotation"), DemoRun((str(texts),), options)
    made = {name: replace(find(name), demo=run) for name in names}
    monkeypatch.setattr("odograph.studies.study_names", lambda: names)
    monkeypatch.setattr("odograph.studies.find", made.__getitem__)
    ended = odograph("demo", "--out", tmp_path / "demo", "--json", "--quiet")
    assert ended.code == 0
    assert list(dict.fromkeys(f["study"] for f in json.loads(ended.out))) == list(names)
    assert [p.name for p in (tmp_path / "demo").iterdir() if p.is_dir()] == ["path-length"]
    config = open_run(tmp_path / "demo" / "path-length").manifest["config"]
    assert (config["logits"], config["untrained"]) == ("full", 1)


@needs_the_model
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_demo_does_every_study_and_can_be_repeated(odograph, tmp_path):
    out = tmp_path / "demo"
    ended = odograph("demo", "--out", out, "--json")
    assert ended.code == 0
    assert {f["study"] for f in json.loads(ended.out)} == set(BUILT_IN)
    # Where a part takes long, it says so beforehand.
    told = [line for line in ended.err.splitlines() if not line.endswith(" MB on disk")]
    assert told == [f"odograph: the report is {out / 'report.html'}"]
    assert all(
        len(open_run(out / part.folder).untrained) == 5 for part in demo_parts(map(find, BUILT_IN))
    )
    assert (out / "report.html").stat().st_size <= 3_000_000
    assert_well_said(json.loads(ended.out))
    eight = [f for f in json.loads(ended.out) if f["study"] in BUILT_IN[:8]]
    assert words_told(eight) <= 2_000

    again = odograph("demo", "--out", out)
    assert again.code == 0
    lines = again.out.splitlines()
    assert len(lines) <= 40
    assert all(len(line) <= 80 for line in lines if not line.startswith(("report", "as text")))
    told = " ".join(again.out.split())
    assert all(f"{study}: " in told for study in BUILT_IN)
    old = [p.name for p in PAGES if written(p.read_text("utf-8"), out) != p.read_text("utf-8")]
    assert old == [], f"`python docs/written.py {out}` writes these pages again"
    parts = [out / part.folder for part in demo_parts(map(find, BUILT_IN))]
    assert [views_that_lack_something(open_run(part)) for part in parts] == [[]] * len(parts)
    everything = " ".join(" ".join(odograph("show", part).out.split()) for part in parts)
    assert [f["statement"] for f in json.loads(ended.out) if f["statement"] not in everything] == []


@needs_the_model
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_python_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    [program] = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    exec(compile(program, "README.md", "exec"), {})
    assert "'her' turns" in capsys.readouterr().out
    assert open_run("runs/her").findings
