"""Where the members of a series stand: read from their names, or as it is said."""

import pytest

from odograph.errors import StudyError, UsageError
from odograph.folder.series import Axis, axis_of, refuse_same_weights, steps_in


@pytest.mark.parametrize(
    ("names", "steps"),
    [
        (["suite@step1", "suite@step143000"], (1, 143000)),
        (["checkpoint-500", "checkpoint-1000"], (500, 1000)),
        (["ckpt_10k", "ckpt_2m"], (10_000, 2_000_000)),
        (["stage1-step1000-tokens5B", "stage1-step2000-tokens9B"], (1000, 2000)),
        (["epoch 1", "epoch 2"], (1, 2)),
        (["100/model", "20/model"], (100, 20)),
        (["made up (step8)", "made up (step16)"], (8, 16)),
    ],
    ids=lambda each: str(each[0]),
)
def test_steps_are_read_from_names(names: list[str], steps: tuple[float, ...]) -> None:
    assert steps_in(names) == steps


@pytest.mark.parametrize(
    ("names", "unread"),
    [
        (["suite@step1", "suite@main"], "suite@main"),
        (["llama-2-7b", "llama-2-13b"], "llama-2-7b, llama-2-13b"),
        (["young", "old"], "young, old"),
        (["step1", "pythia-70m@last"], "pythia-70m@last"),
    ],
    ids=lambda each: str(each),
)
def test_a_name_that_says_no_step_is_named(names: list[str], unread: str) -> None:
    with pytest.raises(UsageError) as refused:
        steps_in(names)
    assert str(refused.value) == (
        "the training step cannot be read from a name: expected names such as step1000 or "
        f"checkpoint-500 for all members, got {unread}. Say where each member stands, in their "
        "order: --axis 'training step=1,2,3'."
    )


def test_an_axis_is_a_name_or_a_name_with_numbers() -> None:
    assert axis_of("bits=2, 4,16") == Axis("bits", (2, 4, 16))
    assert axis_of("training step") == Axis("training step")
    assert Axis("bits", (2, 4)).read(["a", "b"]) == (2, 4)


@pytest.mark.parametrize("text", ["", "=1,2", "bits=", "bits=1,x", "bits=1,nan", "bits=inf"])
def test_what_is_no_axis_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="the axis of a series: expected NAME, or NAME=1,2,3"):
        axis_of(text)


def test_each_member_has_a_number_of_its_own() -> None:
    with pytest.raises(UsageError, match=r"for each member .*: expected 3, .*, got 2"):
        Axis("bits", (1, 2)).read(["a", "b", "c"])
    with pytest.raises(UsageError, match="stand at one place of the axis 'bits': got a, c"):
        Axis("bits", (1, 2, 1)).read(["a", "b", "c"])


def test_members_with_the_same_weights_are_named_and_unknown_weights_are_none() -> None:
    refuse_same_weights(["1", None, "2", None], ["a", "b", "c", "d"])
    with pytest.raises(StudyError, match=r"have the same weights: .* got 'a', 'c', 'd'"):
        refuse_same_weights(["1", "2", "1", "1"], ["a", "b", "c", "d"])
