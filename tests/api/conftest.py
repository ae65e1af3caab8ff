"""Two finished runs of tiny models with the study of rotation done."""

import json
from pathlib import Path

import pytest
from tiny import TEXTS

import odograph as og
from odograph.cli import run as command


@pytest.fixture(scope="session")
def sentences() -> list[str]:
    """Eight texts, each with "her"."""
    return [f"{text} It was her own, number {k}." for k, text in enumerate(TEXTS)]


@pytest.fixture(scope="session")
def analysed(gpt2_folder: Path, sentences: list[str], tmp_path_factory: pytest.TempPathFactory):
    """A run of the tiny GPT-2."""
    out = tmp_path_factory.mktemp("runs") / "gpt2"
    run = og.measure(gpt2_folder, sentences, targets="her", untrained=1, pairs=16, out=out)
    return og.study("rotation", run)


@pytest.fixture(scope="session")
def other(llama_folder: Path, sentences: list[str], tmp_path_factory: pytest.TempPathFactory):
    """A run of the tiny Llama."""
    out = tmp_path_factory.mktemp("runs") / "llama"
    run = og.measure(llama_folder, sentences, targets="her", untrained=1, pairs=16, out=out)
    return og.study("rotation", run)


@pytest.fixture
def odograph_json(capsys: pytest.CaptureFixture[str]):
    """Gives a command with --json, and what it prints."""

    def give(*arguments: str):
        assert command([*arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return give
