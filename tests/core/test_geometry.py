"""Angles and lengths against exact arithmetic, in every precision, for every size of input."""

import math
from decimal import Decimal, getcontext

import beartype
import hypothesis.strategies as st
import jaxtyping
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from jaxtyping import Float
from torch import Tensor

from odograph import geometry, products
from odograph.geometry import (
    angle,
    angle_from_products,
    distance_from_products,
)
from odograph.products import row_products, row_squares

getcontext().prec = 60
ANGLES = (
    0.001,
    0.003,
    0.01,
    0.1,
    0.7,
    1,
    5,
    10,
    30,
    45,
    60,
    89.999,
    90,
    120,
    150,
    179,
    179.9,
    179.999,
)
DTYPES = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def exact_angle(u: Tensor, v: Tensor) -> float:
    """The angle of the vectors as they are stored, from sums of 60 decimal digits."""

    def dot(a: Tensor, b: Tensor) -> Decimal:
        return sum(
            (Decimal(x) * Decimal(y) for x, y in zip(a.tolist(), b.tolist(), strict=True)),
            Decimal(0),
        )

    uu, vv, uv = dot(u, u), dot(v, v), dot(u, v)
    sine = (uu * vv - uv * uv).max(Decimal(0)).sqrt()
    return math.degrees(math.atan2(float(sine), float(uv)))


def pair(degrees: float, width: int, scale: float, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Two vectors about so many degrees apart, in a random plane, rounded to the dtype."""
    generator = torch.Generator().manual_seed(width)
    plane = torch.randn(width, 2, generator=generator, dtype=torch.float64)
    first, second = torch.linalg.qr(plane)[0].T
    radians = math.radians(degrees)
    turned = math.cos(radians) * first + math.sin(radians) * second
    return (first * scale).to(dtype), (turned * scale * 0.37).to(dtype)


def products_angle(u: Tensor, v: Tensor) -> float:
    uu, uv = row_products(u[None], v[None])
    vv = row_squares(v[None])
    assert uv is not None
    return angle_from_products(uu, vv, uv).item()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("width", [2, 48, 1600])
def test_angles_are_those_of_the_rounded_vectors(dtype: torch.dtype, width: int) -> None:
    for degrees in ANGLES:
        for scale in (1.0, 300.0):
            u, v = pair(degrees, width, scale, dtype)
            wanted = exact_angle(u, v)
            assert angle(u, v).item() == pytest.approx(wanted, abs=1e-4)
            assert products_angle(u, v) == pytest.approx(wanted, abs=1e-4)


def test_float64_angles_are_the_ones_asked_for() -> None:
    for degrees in ANGLES:
        u, v = pair(degrees, 48, 7.0, torch.float64)
        assert angle(u, v).item() == pytest.approx(degrees, abs=1e-9)
        assert products_angle(u, v) == pytest.approx(degrees, abs=1e-5)


def test_a_massive_coordinate_hides_no_angle() -> None:
    u = torch.ones(768)
    u[447] = 3000.0
    v = u.clone()
    v[3] += 1.0
    wanted = exact_angle(u, v)
    assert 0.01 < wanted < 0.03
    assert angle(u, v).item() == pytest.approx(wanted, abs=1e-6)
    assert products_angle(u, v) == pytest.approx(wanted, abs=1e-4)


def test_equal_and_opposite_vectors() -> None:
    u = torch.randn(5, 33, generator=torch.Generator().manual_seed(1))
    assert angle(u, u).abs().max() < 1e-6
    assert (angle(u, -u) - 180).abs().max() < 1e-6
    assert products_angle(u[0], u[0]) == pytest.approx(0, abs=2e-6)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_zero_vector_has_no_angle(dtype: torch.dtype) -> None:
    zero, other = torch.zeros(4, dtype=dtype), torch.ones(4, dtype=dtype)
    for u, v in ((zero, other), (other, zero), (zero, zero)):
        assert math.isnan(angle(u, v).item())
        assert math.isnan(products_angle(u, v))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_not_finite_gives_nan_and_never_a_number(bad: float) -> None:
    broken = torch.tensor([[1.0, bad]])
    squares, products = row_products(broken, torch.ones(1, 2))
    assert products is not None
    assert torch.isnan(angle_from_products(squares, torch.full((1,), 2.0).double(), products)).all()


@quick
@given(seed=st.integers(0, 10_000), width=st.integers(2, 40), exponent=st.integers(-20, 20))
def test_angles_do_not_change_with_scale_swap_or_rotation(
    seed: int, width: int, exponent: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    u, v = torch.randn(2, width, generator=generator, dtype=torch.float64)
    around = torch.linalg.qr(torch.randn(width, width, generator=generator, dtype=torch.float64))[0]
    plain = angle(u, v)
    torch.testing.assert_close(angle(v, u), plain, rtol=0, atol=1e-9)
    torch.testing.assert_close(angle(u * 2.0**exponent, v * 3), plain, rtol=0, atol=1e-9)
    torch.testing.assert_close(angle(around @ u, around @ v), plain, rtol=0, atol=1e-9)
    torch.testing.assert_close(angle(u, -v), 180 - plain, rtol=0, atol=1e-9)


@quick
@given(seed=st.integers(0, 10_000), degrees=st.floats(0.05, 179))
def test_rotation_growth_and_step_are_one_triangle(seed: int, degrees: float) -> None:
    generator = np.random.default_rng(seed)
    u, v = pair(degrees, 24, float(generator.uniform(0.1, 90)), torch.float32)
    uu, uv = row_products(u[None], v[None])
    vv = row_squares(v[None])
    assert uv is not None
    step = distance_from_products(uu, vv, uv).item()
    assert step == pytest.approx((u.double() - v.double()).norm().item(), rel=1e-9)
    growth = (vv / uu).sqrt().item()
    turned = math.radians(angle_from_products(uu, vv, uv).item())
    assert (step**2 / uu.item()) == pytest.approx(1 + growth**2 - 2 * growth * math.cos(turned))


def test_a_step_of_nothing_is_nothing() -> None:
    state = torch.randn(50, 768, generator=torch.Generator().manual_seed(8)) * 100
    uu, uv = row_products(state, state.clone())
    vv = row_squares(state)
    assert uv is not None
    assert distance_from_products(uu, vv, uv).max() == 0
    assert angle_from_products(uu, vv, uv).max() < 2e-6


def test_angle_broadcasts_over_leading_axes() -> None:
    u = torch.randn(3, 1, 5, generator=torch.Generator().manual_seed(2))
    v = torch.randn(4, 5, generator=torch.Generator().manual_seed(3))
    assert angle(u, v).shape == (3, 4)


def test_shapes_are_the_annotated_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """The annotations of the source, checked by beartype."""
    typed = {}
    for module, name in (
        (products, "row_products"),
        (products, "row_squares"),
        (products, "row_gram"),
        (geometry, "angle_from_products"),
        (geometry, "distance_from_products"),
        (geometry, "angle"),
    ):
        for annotation, value in (("Float", Float), ("Tensor", Tensor)):
            monkeypatch.setattr(module, annotation, value, raising=False)
        checked = jaxtyping.jaxtyped(typechecker=beartype.beartype)
        typed[name] = checked(getattr(module, name))
    state = torch.ones(6, 5)
    squares, chained = typed["row_products"](state, state)
    typed["row_squares"](state.bfloat16())
    typed["row_gram"](state, state, state)
    typed["angle_from_products"](squares, squares, chained)
    typed["distance_from_products"](squares, squares, chained)
    typed["angle"](state, state)
    with pytest.raises(jaxtyping.TypeCheckError):
        typed["row_squares"](torch.ones(2, 6, 5))
    with pytest.raises(jaxtyping.TypeCheckError):
        typed["row_products"](state, torch.ones(5, 6))
    with pytest.raises(jaxtyping.TypeCheckError):
        typed["angle_from_products"](squares, squares[:3], chained)
