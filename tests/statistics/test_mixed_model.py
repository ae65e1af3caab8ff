"""The example of docs/statistics.md: a mixed model on the tables of a run."""

import re
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "statistics.md"


def test_the_mixed_model_of_the_page_runs_and_agrees_with_the_paired_difference(
    tmp_path, monkeypatch, capsys
):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(code, names)
    fit, last = names["fit"], names["last"]
    assert fit.converged
    assert "Mixed Linear Model" in capsys.readouterr().out
    by_passage = last.groupby(["passage", "role"], observed=True)["turned"].mean().unstack()
    paired = by_passage["target"] - by_passage["non-target"]
    effect = fit.params["C(role, Treatment('non-target'))[T.target]"]
    # One token of each role in a passage: but for the position both are the same estimate.
    assert effect == pytest.approx(paired.mean(), abs=0.5)
    error = fit.bse["C(role, Treatment('non-target'))[T.target]"]
    assert error == pytest.approx(paired.std() / np.sqrt(len(paired)), rel=0.15)
    names["run"].close()
