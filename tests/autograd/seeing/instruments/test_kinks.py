"""kinks: points without derivative are found, with the slopes on either side."""

import math

import pytest

import autograd as ag
from autograd import PRIMITIVES, GradientMismatch, Value, check_grads, kinks

WITH_KINKS = [row for row in PRIMITIVES.values() if row.kinks is not None]
AT = {1: (0.0,), 2: (0.5, 0.5), 3: (1.0, 1.0, 2.0)}  # a point on a kink, by the number of arguments
SPECIAL = {"leaky_relu": (0.0, 0.1), "elu": (0.0, 2.0), "hypot": (0.0, 0.0), "atan2": (0.0, -1.0)}


@pytest.mark.parametrize("row", WITH_KINKS, ids=lambda row: row.name)
def test_every_row_with_kinks_shows_them_and_none_away_from_them(row):
    point = SPECIAL.get(row.name, AT[len(row.partials)])
    values = [Value(x) for x in point]
    found = kinks(row(*values)).found
    assert found
    for kink in found:
        h = 1e-6
        moved = [[x + side * h * (i == kink.position) for i, x in enumerate(point)] for side in (-1.0, 1.0)]
        here = row.value(point)
        left, right = (row.value(moved[0]) - here) / -h, (row.value(moved[1]) - here) / h
        if abs(left) < 1e3 and abs(right) < 1e3:  # without a jump
            assert (kink.left, kink.right) == pytest.approx((left, right), abs=1e-5)
        else:
            assert kink.jump
    assert not kinks(row(*(Value(x + d) for x, d in zip(point, (0.3, 0.41, 0.2), strict=False))))


def test_rows_where_forward_and_backward_differ_have_a_kink_column():
    # A row whose partial by its first argument jumps at 0 and which has no column would be missed in silence.
    for row in PRIMITIVES.values():
        if (
            row.is_unary
            and not row.helper
            and row.partials[0] is not None
            and row.kinks is None
            and row.domain[0][0] < 0.0
        ):
            rest = getattr(row.forward, "__defaults__", None) or ()
            slopes = [
                row.slopes((x, *rest), row.value((x, *rest)), [True] + [False] * len(rest))[0] for x in (-1e-9, 1e-9)
            ]
            assert slopes[0] == pytest.approx(slopes[1], abs=1e-6), row.name


def test_what_a_failing_numerical_check_trips_over_is_listed():
    f = lambda x: ag.relu(x) * 3.0  # noqa: E731
    with pytest.raises(GradientMismatch, match="0 from the left, 3 from the right"):
        check_grads(f, (0.0,), order=1)
    for x, used in ((0.0, 0.0), (1e-7, 1.0)):
        found = kinks(f(Value(x, "x"))).found
        assert [(k.left, k.right, k.used, k.adjoint) for k in found] == [(0.0, 1.0, used, 3.0)]


def test_the_report_says_where_and_what():
    x = Value(2.0, "x")
    text = str(kinks(ag.maximum(x, 2.0) + abs(x - 2.0)))
    assert text.startswith("2 kinks at this point")
    assert "v1 = maximum(x, 2)  x = 2   0         0 | 1               0.5    0 | 1" in text
    assert "-1 | 1" in text
    assert str(kinks(x * x)) == "no kink found at this point or near it"


def test_a_jump_of_a_step_is_told():
    x = Value(3.0, "x")
    (kink,) = kinks(ag.floor(x)).found
    assert (kink.jump, kink.used) == (1.0, None)
    assert "none" in str(kinks(ag.floor(x)))


def test_how_near_counts_can_be_chosen():
    x = Value(0.01, "x")
    assert not kinks(ag.relu(x))
    assert len(kinks(ag.relu(x), near=0.1)) == 1


def test_an_elu_of_slope_one_is_smooth():
    assert not kinks(ag.elu(Value(0.0)))


def test_bad_input_is_refused_by_name():
    with pytest.raises(TypeError, match=r"kinks\(\) expects a Value"):
        kinks(1.0)
    with pytest.raises(ValueError, match=r"at least 0, got -1\.0"):
        kinks(Value(1.0), near=-1.0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ag.clip(Value(5.0), 0.0, math.inf),
        lambda: ag.clip(Value(0.0), -1.0, 1e6),
        lambda: ag.relu(Value(math.inf)),
        lambda: ag.maximum(Value(math.inf), 3.0),
        lambda: ag.floor(Value(math.inf)),
        lambda: ag.relu(Value(math.nan)),
        lambda: ag.hypot(Value(0.0), 1e-7),
        lambda: ag.Primitive("own", lambda x: x, lambda x, y: 1.0, kinks=lambda x: ())(Value(1e6)),
    ],
)
def test_there_is_no_kink_where_there_is_none(make):
    assert not kinks(make())


def test_bounds_that_are_close_together_keep_their_slopes():
    (kink,) = kinks(ag.clip(Value(0.0), 5e-6, 8e-6)).found
    assert (kink.left, kink.right, kink.jump) == (0.0, 1.0, 0.0)
    (kink,) = kinks(ag.floor(Value(0.4)), near=0.5).found
    assert kink.jump == 1.0


def test_what_was_changed_after_the_forward_pass_is_left_out():
    x = Value(1.0)
    y = ag.relu(x)
    x.data = 0.0
    assert not kinks(y)


def test_a_distance_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match=r"kinks\(\)"):
        kinks(Value(1.0), "a")


def test_an_infinite_slope_is_a_point_without_derivative():
    (kink,) = kinks(ag.sqrt(Value(0.0))).found
    assert kink.used == math.inf
    assert math.isnan(kink.left)
    assert kink.right > 1e4
    with ag.errstate("ignore"):
        assert len(kinks(Value(0.0) ** 0.5)) == 1


def test_what_it_cannot_see_is_said():
    x = Value(1.0)
    assert "1 `where` not examined" in str(kinks(ag.where(x > 0.5, x, 2.0 * x)))
    assert "the result is nan: see diagnose()" in str(kinks(Value(math.nan) * 2.0))
    assert "1 `where` not examined" in str(kinks(ag.where(x > 0.5, ag.relu(x - 1.0), x)))


@pytest.mark.parametrize(("gap", "count"), [(0.9e-6, 0), (1.1e-6, 1)])
def test_slopes_that_differ_by_a_millionth_are_a_kink(gap, count):
    bent = ag.Primitive("bent", lambda x: x, lambda x, y: 0.5 * gap * ag.sign(x), kinks=lambda x: (x,))
    assert len(kinks(bent(Value(0.0)))) == count


@pytest.mark.parametrize(("x", "count"), [(6.0e-6, 1), (6.1e-6, 0), (-6.0e-6, 1), (-6.1e-6, 0)])
def test_near_is_the_cube_root_of_epsilon_around_a_kink(x, count):
    assert len(kinks(ag.relu(Value(x)))) == count


def test_near_grows_with_the_argument():
    assert len(kinks(abs(Value(1000.0) - 1000.005))) == 0
    assert len(kinks(ag.maximum(Value(1000.0), 1000.005))) == 1
    assert len(kinks(ag.maximum(Value(1000.0), 1000.007))) == 0
