"""Plots: what is drawn is what the engine says; each takes and returns an Axes."""

import math

import matplotlib as mpl
import numpy as np
import pytest

import nn
from autograd import Value, grad, tanh
from nn import plots

mpl.use("agg")
from matplotlib import pyplot as plt


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def ax():
    return plt.subplots()[1]


def lines(ax):
    return {line.get_label(): line.get_xydata() for line in ax.get_lines()}


def test_each_draws_on_the_axes_given_and_returns_it(ax):
    points, labels = [[0.0, 0.0], [1.0, 1.0]], [0, 1]
    assert plots.loss_curve([1.0, 0.5], ax) is ax
    assert plots.links(["logit"], ax) is ax
    assert plots.activations(["relu"], ax) is ax
    assert plots.decision_boundary(lambda p: p[0] - 0.5, points, labels, ax) is ax
    assert plots.partial_effects(lambda p: p[0] * p[1], points, 0, ax) is ax
    assert len(plt.get_fignums()) == 1


def test_each_makes_axes_where_none_are_given():
    assert plots.loss_curve([1.0, 0.5]).get_xlabel() == "step"
    assert len(plt.get_fignums()) == 1


def test_losses_may_be_values_and_their_scale_follows_their_range(ax):
    plots.loss_curve([Value(1.0), 0.01], ax, linewidth=3)
    assert ax.get_yscale() == "log"
    assert ax.get_lines()[0].get_ydata().tolist() == [1.0, 0.01]
    assert plots.loss_curve([1.0, -0.5]).get_yscale() == "linear"
    with pytest.raises(ValueError, match="at least one loss"):
        plots.loss_curve([])


def test_activations_come_with_their_derivatives(ax):
    found = lines(plots.activations([tanh, "identity"], ax))
    assert set(found) == {"tanh", "tanh'", "identity", "identity'"}
    for x, slope in found["tanh'"][::40]:
        assert slope == pytest.approx(1.0 - math.tanh(x) ** 2)
    assert set(found["identity'"][:, 1]) == {1.0}
    with pytest.raises(ValueError, match="unknown activation 'rellu'; did you mean 'relu'"):
        plots.activations(["rellu"])


def test_links_are_their_inverses(ax):
    found = lines(plots.links(["probit", nn.links.power(2.0)], ax))
    eta, mu = found["probit"][100]
    assert mu == pytest.approx(0.5 * math.erfc(-eta / math.sqrt(2.0)))
    assert len(found) == 2
    with pytest.raises(ValueError, match="unknown link 'logitt'; did you mean 'logit'"):
        plots.links(["logitt"])


def test_a_boundary_lies_where_the_model_is_undecided(ax):
    points = [[-1.0, 0.0], [1.0, 0.5], [0.5, -1.0]]
    plots.decision_boundary(lambda p: Value(p[0]) * 2.0, points, ["a", "b", "b"], ax, threshold=0.5)
    segments = [path.vertices for c in ax.collections for path in c.get_paths() if len(path.vertices) == 60]
    assert any(np.allclose(v[:, 0], 0.25) for v in segments)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]


def test_several_scores_are_several_regions(ax):
    points = [[-1.0, 0.0], [1.0, 0.5], [0.0, 1.0]]
    plots.decision_boundary(lambda p: [p[0], -p[0], p[1]], points, [0, 1, 2], ax)
    assert len(ax.collections) == 1 + 3


@pytest.mark.parametrize(
    ("points", "labels", "message"),
    [
        ([], [], "two coordinates"),
        ([[1.0]], [0], "two coordinates"),
        ([[1.0, 2.0]], [0, 1], "each of the 1 points, got 2"),
    ],
)
def test_a_boundary_of_bad_points_is_refused(points, labels, message):
    with pytest.raises(ValueError, match=message):
        plots.decision_boundary(lambda p: p[0], points, labels)


def test_a_partial_effect_is_the_mean_prediction_with_one_feature_moved(ax):
    rows = [[0.0, 1.0], [1.0, 2.0], [2.0, 6.0]]
    plots.partial_effects(lambda r: r[0] * r[1], rows, 0, ax, resolution=5, individual=2)
    single, _, mean = (line.get_ydata() for line in ax.get_lines()[:3])
    assert single.tolist() == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert mean.tolist() == [0.0, 1.5, 3.0, 4.5, 6.0]


def test_a_partial_effect_of_a_fitted_model(ax):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 2))
    model = nn.GLM("gaussian").fit(X, 2.0 * X[:, 0] + 1.0)
    plots.partial_effects(model, X, 0, ax)
    xs, ys = ax.get_lines()[0].get_data()
    assert np.polyfit(xs, ys, 1)[0] == pytest.approx(2.0)


def test_bad_features_and_several_outputs_are_refused():
    with pytest.raises(ValueError, match="a feature among the 2 of the rows, got 2"):
        plots.partial_effects(lambda r: r[0], [[1.0, 2.0]], 2)
    with pytest.raises(ValueError, match="a feature among the 0"):
        plots.partial_effects(lambda r: r[0], [], 0)
    with pytest.raises(ValueError, match="one number for each row, got several"):
        plots.partial_effects(lambda r: r, [[1.0, 2.0], [2.0, 3.0]], 0)


def test_points_that_are_all_one_have_room_around_them(ax):
    plots.decision_boundary(lambda p: p[0] + p[1] + grad(tanh)(p[0]), [[1.0, 1.0]], [0], ax)
    low, high = ax.get_xlim()
    assert low < 1.0 < high


def test_a_resolution_of_one_point_and_scores_that_are_nan_are_refused():
    with pytest.raises(ValueError, match="a resolution of at least 2 points, got 1"):
        plots.decision_boundary(lambda p: p[0], [[1.0, 2.0]], [0], resolution=1)
    with pytest.raises(ValueError, match="finite scores"):
        plots.decision_boundary(lambda p: float("nan"), [[1.0, 2.0]], [0])


def test_a_single_name_will_do_and_a_feature_is_a_position(ax):
    assert len(plots.activations("relu", ax).get_lines()) == 2
    assert len(plots.links("logit").get_lines()) == 1


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda: plots.partial_effects(min, [[1.0, 2.0]], "x1"), TypeError, r"the position of a column, got str \('x1'\)"),
        (lambda: plots.partial_effects(min, [[1.0, 2.0]], True), TypeError, "got bool"),
        (lambda: plots.partial_effects(min, [[1.0, 2.0]], individual=1.5), TypeError, "a number of rows, got float"),
        (lambda: plots.partial_effects(min, [[1.0, 2.0]], individual=-1), ValueError, "a number of rows, got -1"),
        (lambda: plots.partial_effects(min, [[1.0, 2.0]], -1), ValueError, "among the 2 of the rows, got -1"),
        (lambda: plots.partial_effects(min, [[1.0, 2.0]], resolution=1.5), TypeError, "resolution of at least 2 points, got float"),
        (lambda: plots.decision_boundary(list, [[1.0, 2.0]], [0], threshold=0.5), ValueError, "a threshold for one score only"),
    ],
)  # fmt: skip
def test_options_are_looked_at_before_anything_is_drawn(draw, error, message):
    with pytest.raises(error, match=message):
        draw()
    assert not plt.get_fignums()


def test_the_boundary_of_a_fitted_model(ax):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    model = nn.GLM("bernoulli").fit(X, rng.random(60) < 0.5)
    plots.decision_boundary(model, X, (X[:, 0] > 0).astype(int).tolist(), ax, threshold=0.5)
    assert len(ax.collections) >= 3


def test_losses_that_are_nan_leave_the_scale_alone(ax):
    assert plots.loss_curve([100.0, 1.0, float("nan")], ax).get_yscale() == "log"
