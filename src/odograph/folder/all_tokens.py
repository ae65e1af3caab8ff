"""Numbers of all tokens that a run has rows of, as arrays in the order of passage and position."""

import numpy as np

from odograph.errors import StudyError
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, numbers


def layer_values(run: Run, expression: str, from_layer: int) -> Floats:
    """The value of every token at every layer, by passage and position: [tokens, layers].

    `expression` as in `selection.profile_means`; NaN where there is no number.

    Raises:
        StudyError: the model has fewer blocks than `from_layer`.
    """
    if from_layer > run.blocks:
        raise StudyError(
            "the model has too few blocks", expected=f"{from_layer} or more", given=str(run.blocks)
        )
    found = numbers(
        run.sql(f"""
        select value from (
            select passage, position, layer, ({expression})::double as value
            from layers join tokens using (passage, position))
        where layer >= {from_layer} order by passage, position, layer""")
    )
    return found["value"].astype(np.float64).reshape(-1, run.blocks + 1 - from_layer)


def token_values(run: Run, expression: str) -> Floats:
    """What is there once a token, by passage and position: [tokens]; NaN for null."""
    found = numbers(
        run.sql(f"select ({expression})::double as value from tokens order by passage, position")
    )
    return found["value"].astype(np.float64)


def token_keys(run: Run) -> Ints:
    """One number for each token, in the order of passage and position."""
    found = numbers(run.sql("select passage, position from tokens order by passage, position"))
    return found["passage"].astype(np.int64) << 32 | found["position"].astype(np.int64)
