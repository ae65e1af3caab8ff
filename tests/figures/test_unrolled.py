"""The unrolled path keeps lengths, turns and steps."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from odograph.figures.unrolled import Way, icon_svg, unrolled, unrolled_svg

FIGURES = Path(__file__).parents[2] / "docs" / "figures"


@pytest.fixture
def states() -> np.ndarray:
    return np.cumsum(np.random.default_rng(3).normal(size=(9, 40)), axis=0)


def way_of(states: np.ndarray, label: str = "") -> Way:
    norm = np.linalg.norm(states, axis=1)
    cosine = (states[1:] * states[:-1]).sum(axis=1) / (norm[1:] * norm[:-1])
    return Way(norm, np.concatenate([[np.nan], np.degrees(np.arccos(cosine))]), label)


def test_lengths_turns_and_steps_in_the_plane_are_those_in_space(states: np.ndarray) -> None:
    way = way_of(states)
    flat = unrolled(way.norm, way.rotation)
    assert np.linalg.norm(flat, axis=1) == pytest.approx(way.norm)
    steps = np.linalg.norm(np.diff(states, axis=0), axis=1)
    assert np.linalg.norm(np.diff(flat, axis=0), axis=1) == pytest.approx(steps)
    turns = way_of(flat).rotation[1:]
    assert turns == pytest.approx(way.rotation[1:], abs=1e-5)


def test_states_two_blocks_apart_are_never_drawn_too_near(states: np.ndarray) -> None:
    way = way_of(states)
    flat = unrolled(way.norm, way.rotation)
    space = np.linalg.norm(states[2:] - states[:-2], axis=1)
    assert (np.linalg.norm(flat[2:] - flat[:-2], axis=1) >= space - 1e-9).all()


def test_the_picture_is_a_harmless_svg_with_the_named_path_on_top(states: np.ndarray) -> None:
    ways = [way_of(states, "<her>"), way_of(states[::-1])]
    svg = unrolled_svg(ways, "A & B")
    root = ElementTree.fromstring(svg)
    classes = [element.get("class") for element in root.iter() if element.tag.endswith("path")]
    assert classes == ["faint", "lead"]
    assert "<her>" in "".join(root.itertext())
    assert svg == unrolled_svg(ways, "A & B")
    assert ElementTree.fromstring(icon_svg(ways[0])) is not None


@pytest.mark.parametrize("name", ["unrolled.svg", "icon.svg"])
def test_the_pictures_of_the_readme_are_there(name: str) -> None:
    assert ElementTree.parse(FIGURES / name).getroot().tag.endswith("svg")
