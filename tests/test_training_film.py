"""The film of the bundled model's training: it moves, and stands still where that is asked for."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np

from training.film import film_svg

SVG = "{http://www.w3.org/2000/svg}"


def test_each_member_has_a_frame_of_its_own_and_all_are_seen_faintly() -> None:
    curves = np.array([[10.0, 20, 30], [40, 30, 20], [5, 5, 38]])
    text = film_svg(curves, ["step 0", "step 8", "step <9>"], "How far & where", "degrees")
    root = ElementTree.fromstring(text)
    frames = root.findall(f"{SVG}g")
    assert [frame.findtext(f"{SVG}text") for frame in frames] == ["step 0", "step 8", "step <9>"]
    assert [frame.get("class") for frame in frames] == ["frame", "frame", "frame last"]
    own = [frame.find(f"{SVG}polyline").get("points") for frame in frames]  # type: ignore[union-attr]
    assert [line.get("points") for line in root.findall(f"{SVG}polyline")] == own
    heights = [[float(point.split(",")[1]) for point in points.split()] for points in own]
    np.testing.assert_allclose(np.diff(heights[0]), np.diff(heights[0])[0], atol=0.2)
    assert np.argmin(heights[1]) == 0  # the largest value stands highest
    assert re.search(r"prefers-reduced-motion: reduce", text)
    assert "3.0s linear infinite" in text
