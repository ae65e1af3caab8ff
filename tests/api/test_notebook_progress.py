"""How far a run is, as a notebook shows it."""

import sys
from types import SimpleNamespace

import pytest

from odograph.run.notebook import in_notebook
from odograph.run.progress import Progress


class Display:
    """Keeps what is displayed, as IPython does."""

    def __init__(self):
        self.shown = []

    def display(self, html, display_id):
        assert display_id
        self.shown.append(html)
        return SimpleNamespace(update=self.shown.append)


@pytest.fixture
def notebook(monkeypatch):
    """A stand-in for IPython in Jupyter."""
    display = Display()
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    shown = SimpleNamespace(HTML=str, display=display.display)
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    return display


def test_without_ipython_there_is_no_notebook(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not in_notebook()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert not in_notebook()


def test_the_line_is_written_in_one_place_and_ends_with_all_tokens(notebook):
    assert in_notebook()
    with Progress("<her>", 20, show=True) as bar:
        bar.advance(5)
        bar.advance(15)
    assert "&lt;her&gt;: 0 of 20 tokens" in notebook.shown[0]
    assert "20 of 20 tokens" in notebook.shown[-1]


def test_a_figure_has_a_picture_in_a_notebook(monkeypatch):
    pytest.importorskip("IPython", reason="no notebook is installed")
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib.figure import Figure

    from odograph.api.figures import shown_in_notebooks

    monkeypatch.delenv("VIRTUAL_ENV", raising=False)  # of another environment: it would be told
    shell = InteractiveShell()
    monkeypatch.setattr("odograph.run.notebook.in_notebook", lambda: True)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    picture = shell.display_formatter.formatters["image/png"]
    assert type(shown_in_notebooks(Figure())) is Figure
    assert picture.lookup_by_type(Figure)


def test_nothing_is_shown_where_nobody_asked(notebook):
    with Progress("her", 20, show=False) as bar:
        bar.advance(20)
    assert notebook.shown == []
