"""GAM.check: its numbers are mgcv's, and it says what is wrong with a fit."""

import matplotlib
import numpy as np
import pytest
from gams import TERMS, fitted

from nn import GAM
from nn.smooths import fn, l, s

matplotlib.use("Agg")


@pytest.mark.parametrize("name", TERMS)
def test_ratios_and_concurvity_are_mgcvs(name):
    model, _, answer = fitted(name, keep_rows=True)
    found = model.check()
    assert [row.ratio for row in found.bases.values()] == pytest.approx(answer["index"], rel=1e-9)
    assert [row.edf for row in found.bases.values()] == pytest.approx(answer["edf"], rel=1e-9)
    if len(found.bases) == 2:
        first, second = found.bases
        for kind, numbers in answer["concurvity"].items():
            both = [getattr(found.concurvity[pair], kind) for pair in ((first, second), (second, first))]
            assert both == pytest.approx(numbers, rel=1e-9)


RNG = np.random.default_rng(2)
X = np.c_[np.sort(RNG.uniform(0.0, 1.0, 300)), RNG.uniform(0.0, 1.0, 300)]
WAVE = np.sin(25.0 * X[:, 0]) + 0.1 * RNG.normal(size=300)


def test_a_basis_that_is_too_small_is_told():
    few, many = (GAM(s(0, n_basis=k), keep_rows=True).fit(X, WAVE).check() for k in (6, 30))
    assert few.bases["s(0)"].p == 0.0
    assert few.bases["s(0)"].functions == 5
    assert few.bases["s(0)"].ratio < 0.2
    assert "perhaps too few functions: raise n_basis" in str(few)
    assert many.bases["s(0)"].p > 0.05
    assert "too few" not in str(many)


def test_terms_that_say_nearly_the_same_are_named():
    rows = np.c_[X[:, 0], X[:, 0] ** 2 + 0.01 * X[:, 1], X[:, 1]]
    found = GAM(s(0) + s(1) + s(2), keep_rows=True).fit(rows, WAVE).check()
    told = [line for line in str(found).splitlines() if "hard to tell apart" in line]
    assert [line.split()[:2] for line in told] == [["s(0)", "s(1)"], ["s(1)", "s(0)"]]
    assert found.concurvity["s(0)", "s(2)"].worst < 0.5
    assert all(0.0 <= number <= 1.0 for row in found.concurvity.values() for number in row)


def test_it_is_the_same_at_each_call_and_takes_some_of_many_rows():
    rows = np.random.default_rng(0).uniform(size=(6000, 2))
    model = GAM(s(0), keep_rows=True).fit(rows[:, :1], rows.sum(axis=1))
    assert str(model.check()) == str(model.check())


def test_residuals_are_drawn_on_four_axes():
    found = GAM(s(0) + l(1), "gaussian", keep_rows=True).fit(X, WAVE).check()
    axes = found.plot()
    assert len(axes) == 4
    assert found.plot(axes)[0] is axes[0]
    with pytest.raises(ValueError, match="four Axes, got 2"):
        found.plot(axes[:2])


def test_several_classes_and_curves_are_checked_too():
    labels = np.digitize(X[:, 0] + 0.3 * X[:, 1], [0.3, 0.8])
    noisy = np.where(RNG.random(300) < 0.3, RNG.integers(0, 3, 300), labels)
    found = GAM(s(0) + l(1), "categorical", keep_rows=True).fit(X, noisy).check()
    assert set(found.concurvity) == {("s(0)", "l(1)"), ("l(1)", "s(0)")}
    with pytest.raises(ValueError, match="a single mean"):
        found.plot()
    curve = (
        GAM(fn(0, lambda x, a, b: a * x**b, init=(1.0, 1.5)) + l(1), keep_rows=True)
        .fit(X + 0.1, X[:, 0] ** 2 + 0.1 * WAVE)
        .check()
    )
    assert not curve.bases
    assert set(curve.concurvity) == {("fn(0)", "l(1)"), ("l(1)", "fn(0)")}


def test_without_the_rows_it_is_refused():
    with pytest.raises(ValueError, match=r"GAM.check\(\) needs the rows of the fit"):
        GAM(l(0)).fit(X, WAVE).check()


def test_rows_without_weight_are_left_out():
    weights = (np.arange(300) % 3 > 0) + 0.0
    kept = weights > 0.0
    whole = GAM(s(0, n_basis=30, lam=1.0), keep_rows=True).fit(X, WAVE, sample_weight=weights).check()
    less = GAM(s(0, n_basis=30, lam=1.0), keep_rows=True).fit(X[kept], WAVE[kept]).check()
    assert whole.bases["s(0)"].ratio == pytest.approx(less.bases["s(0)"].ratio, rel=1e-2)
    assert len(whole.residuals) == kept.sum()
