"""Values that others have published, where the model hub can be reached (ODOGRAPH_HUB=1)."""

import os
from pathlib import Path

import numpy as np
import pytest

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("ODOGRAPH_HUB") != "1", reason="needs the model hub: set ODOGRAPH_HUB=1"
    ),
]

# Ethayarajh 2019 (1909.00512), file published beside the paper: GPT-2 small, words of different
# sentences, last state after the final norm, first tokens included.
MEAN_COSINE = [
    *(0.611, 0.644, 0.597, 0.614, 0.587, 0.573, 0.578),
    *(0.582, 0.595, 0.617, 0.667, 0.758, 0.978),
]


def test_mean_cosine_of_gpt2_is_the_published_one(tmp_path: Path) -> None:
    import odograph as og
    from odograph.corpus import bundled_path
    from odograph.folder.drawn_pairs import exact_cosines

    run = og.measure(
        "gpt2", [bundled_path("her")], out=tmp_path / "run", convention="hf", keep_first=True
    )
    np.testing.assert_allclose(exact_cosines(run), MEAN_COSINE, atol=0.05)
