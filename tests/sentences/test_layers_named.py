"""Layers named and passages counted, as sentences have them."""

import numpy as np

from odograph.sentences.english import layers_named, ranges
from odograph.sentences.evidence import over_units


def test_layers_are_named_one_by_one_and_none_is_no_layer() -> None:
    mask = np.array([False, True, False, True, True])
    assert layers_named(mask) == "blocks 2, 4-5"
    assert layers_named(mask, "state", first=0) == "states 1, 3-4"
    assert layers_named(mask[:2]) == "block 2"
    assert layers_named(mask[:1], "layer") == "no layer"


def test_passages_are_counted_and_few_have_no_interval() -> None:
    assert over_units(1, "passage") == "over 1 passage, too few for an interval"
    assert over_units(6, "document") == "over 6 documents with its 95 % interval (BCa)"


def test_stretches_stand_for_their_layers_and_many_for_their_number():
    assert ranges("block", [1, *range(3, 17), *range(18, 25)]) == "blocks 1, 3-16, 18-24"
    assert ranges("block", range(1, 31, 2)) == "15 blocks between 1 and 29"
    assert ranges("block", [7]) == "block 7"
    assert ranges("block", []) == ""
