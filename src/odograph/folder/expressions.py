"""What studies average over tokens beyond the measures themselves, as SQL over `layers`."""

from odograph.measures.record import ALONG

#: |a_l + m_l|. Not `step`: under hf and lens that one has been through the final norm.
WHOLE = (
    "sqrt(greatest(pow(attention_step::double, 2) + pow(mlp_step::double, 2)"
    " + 2 * attention_step::double * mlp_step * update_cosine, 0))"
)
WHOLE_SQUARED = f"pow({WHOLE}, 2)"
#: Of the squared step what attention has in it: |a|^2 + a.m.
OF_ATTENTION = "pow(attention_step::double, 2) + attention_step::double * mlp_step * update_cosine"
#: 1 where both parts push the same way, 0 where they do not.
SAME_WAY = "case when isfinite(update_cosine) then (update_cosine > 0)::int end"


def relative_size(step: str, norm: str) -> str:
    """The length of a part's step in units of the state before the block.

    Args:
        step: column of the part, `attention_step` or `mlp_step`.
        norm: column of the raw state's length.
    """
    return f"{step}::double / lag({norm}) over {ALONG}"


def composed(columns: frozenset[str]) -> dict[str, str]:
    """The expressions of which sums are kept, by name, where `layers` has these columns."""
    if not {"attention_step", "mlp_step", "update_cosine"} <= columns:
        return {}
    before = "stream_norm" if "stream_norm" in columns else "norm"
    return {
        "whole_squared": WHOLE_SQUARED,
        "of_attention": OF_ATTENTION,
        "same_way": SAME_WAY,
        "attention_size": relative_size("attention_step", before),
        "mlp_size": relative_size("mlp_step", before),
    }
