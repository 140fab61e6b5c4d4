"""Plots: what is drawn is what the engine says; each takes and returns an Axes."""

import math

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import special
from sklearn.compose import make_column_transformer
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

import nn
from autograd import Value, grad, tanh
from nn import plots

mpl.use("agg")
from matplotlib import pyplot as plt


@pytest.fixture(autouse=True)
def closed():
    plt.close("all")  # what other files drew
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
    figure = plots.loss_curve([1.0, 0.5]).figure
    assert figure.get_size_inches().tolist() == [6.0, 4.0]
    assert type(figure.get_layout_engine()).__name__ == "ConstrainedLayoutEngine"
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
    model = nn.GLM("gaussian").fit(X, 2.0 * X[:, 0] + 1.0 + 1e-6 * X[:, 1] ** 2)
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
    with pytest.raises(ValueError, match="one number for each row, got several"):
        plots.partial_effects(lambda r: r if r[1] == 3.0 else r[0], [[1.0, 2.0], [2.0, 3.0]], 0)


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


# What is drawn, read back: coordinates from the Axes, colours from the pixels of the figure

OKABE_ITO = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"]
DASHES = ["-", "--", "-.", ":"]
LINE, THIN = mpl.rcParams["lines.linewidth"], 0.9


def pixels(ax, *points):
    """The colours at places of the plot without its grid, as red, green and blue."""
    ax.grid(visible=False)
    ax.figure.canvas.draw()
    image = np.asarray(ax.figure.canvas.buffer_rgba())[::-1]
    places = ax.transData.transform(points).astype(int)
    return [tuple(map(int, image[y, x, :3])) for x, y in places]


def rgb(colour, alpha=1.0):
    """A colour upon white."""
    return tuple(round(255.0 * (1.0 - alpha + alpha * part)) for part in mpl.colors.to_rgb(colour))


def styles(ax):
    return [(mpl.colors.to_hex(line.get_color()), line.get_linestyle()) for line in ax.get_lines()]


def labels_of(axis):
    return axis.get_xlabel(), axis.get_ylabel()


def has_grid(ax):
    return all(line.get_visible() and line.get_alpha() == 0.3 for line in ax.get_xgridlines() + ax.get_ygridlines())


def test_losses_stand_over_their_steps_in_colours_that_differ(ax):
    curves = {"a": [3.0, 2.0, 1.0], "b": [4.0, 2.5], "c": [1.5], "d": [1.0, 1.1, 1.2, 1.3]}
    plots.loss_curve(curves, ax)
    assert {name: xy.tolist() for name, xy in lines(ax).items()} == {
        name: [[i, loss] for i, loss in enumerate(curve, 1)] for name, curve in curves.items()
    }
    assert styles(ax) == list(zip(OKABE_ITO, DASHES, strict=False))
    assert labels_of(ax) == ("step", "loss")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(curves)
    assert ax.xaxis.get_major_locator()._integer
    assert has_grid(ax)
    assert plots.loss_curve([1.0, 2.0]).get_legend() is None
    assert plots.loss_curve([1.0, 2.0], linewidth=7.0, color="red").get_lines()[0].get_linewidth() == 7.0
    assert {len(plots.COLOURS), len(plots.DASHES)} == {7}
    assert [colour.lower() for colour in plots.COLOURS] == OKABE_ITO


@pytest.mark.parametrize(
    ("losses", "scale"),
    [
        ([10.0, 1.0], "linear"),
        ([10.1, 1.0], "log"),
        ([100.0, 0.0], "linear"),
        ([100.0, 1e-9], "log"),
        ([math.inf, 1.0, 2.0], "linear"),
        ([math.nan], "linear"),
    ],
)
def test_the_scale_is_logarithmic_where_positive_losses_span_more_than_a_factor_of_ten(losses, scale, ax):
    assert plots.loss_curve(losses, ax).get_yscale() == scale


def test_the_two_sides_of_a_boundary_have_the_colours_of_their_points(ax):
    points, names = [[0.0, 0.0], [10.0, 20.0], [2.0, 16.0]], ["no", "yes", "no"]
    plots.decision_boundary(lambda p: p[0] - 5.0, points, names, ax, threshold=2.0)
    assert has_grid(ax)
    assert pixels(ax, (3.0, 10.0), (8.5, 10.0), (7.0, 10.0)) == [rgb("#F6D9A0"), rgb("#BFE0F2"), rgb("black")]
    no, yes = (c for c in ax.collections if c.get_label() in names)
    assert no.get_offsets().tolist() == [[0.0, 0.0], [2.0, 16.0]]
    assert yes.get_offsets().tolist() == [[10.0, 20.0]]
    for dots, colour, marker in ((no, "#b35900", "o"), (yes, "#00507a", "^")):
        shape = mpl.markers.MarkerStyle(marker)
        assert mpl.colors.to_hex(dots.get_facecolor()[0]) == colour
        assert mpl.colors.to_hex(dots.get_edgecolor()[0]) == "#ffffff"
        assert dots.get_sizes().tolist() == [25.0]
        assert dots.get_linewidths().tolist() == [0.5]
        assert np.allclose(dots.get_paths()[0].vertices, shape.get_path().transformed(shape.get_transform()).vertices)
    assert (ax.get_xlim(), ax.get_ylim()) == ((-1.0, 11.0), (-2.0, 22.0))
    assert labels_of(ax) == ("$x_1$", "$x_2$")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == names[:2]


def test_of_several_scores_the_largest_has_the_region_in_the_colour_of_its_points(ax):
    plots.decision_boundary(
        lambda p: [-p[0], p[0], 3.0 * p[1] - 9.0], [[-2.0, 0.0], [2.0, 0.0], [0.0, 8.0]], [5, 7, 9], ax
    )
    found = pixels(ax, (-1.0, 1.0), (1.0, 1.0), (1.0, 6.0))
    for colour, expected in zip(found, ("#B35900", "#00507A", "#009E73"), strict=True):
        assert np.allclose(colour, rgb(expected, 0.25), atol=1.0)
    dots = [c for c in ax.collections if c.get_label() in ("5", "7", "9")]
    assert [mpl.colors.to_hex(c.get_facecolor()[0]) for c in dots] == ["#b35900", "#00507a", "#009e73"]


def test_a_model_that_says_one_thing_everywhere_has_one_side(ax):
    plots.decision_boundary(lambda p: -7.0, [[0.0, 0.0], [1.0, 1.0]], [0, 1], ax)
    assert set(pixels(ax, (0.2, 0.5), (0.8, 0.5))) == {rgb("#F6D9A0")}


@pytest.mark.parametrize("resolution", [2, 7])
def test_a_resolution_is_how_often_the_model_is_asked_along_each_side(resolution, ax):
    asked = []
    plots.decision_boundary(
        lambda p: asked.append(tuple(p)) or p[0], [[0.0, 0.0], [1.0, 2.0]], [0, 1], ax, resolution=resolution
    )
    xs, ys = (sorted(set(c)) for c in zip(*asked, strict=True))
    assert xs == pytest.approx(np.linspace(-0.1, 1.1, resolution))
    assert ys == pytest.approx(np.linspace(-0.2, 2.2, resolution))


def test_the_links_of_the_lecture_are_drawn_by_default(ax):
    found = lines(plots.links(ax=ax))
    eta = np.linspace(-4.0, 4.0, 161)
    means = {
        "logit": special.expit(eta),
        "probit": special.ndtr(eta),
        "cloglog": 1.0 - np.exp(-np.exp(eta)),
        "loglog": np.exp(-np.exp(-eta)),
        "cauchit": 0.5 + np.arctan(eta) / np.pi,
    }
    assert list(found) == list(means)
    for name, mean in means.items():
        assert np.allclose(found[name], np.c_[eta, mean], rtol=1e-12, atol=1e-15), name
    assert [colour for colour, _ in styles(ax)] == OKABE_ITO[:5]
    assert labels_of(ax) == (r"linear predictor $\eta$", r"mean $\mu$")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(means)


def test_an_activation_s_derivative_is_a_thin_line_of_its_colour(ax):
    found = lines(plots.activations(ax=ax))
    x = np.linspace(-4.0, 4.0, 161)
    s = special.expit(x)
    expected = {
        "relu": np.maximum(x, 0.0), "relu'": (x > 0.0) * 1.0, "tanh": np.tanh(x), "tanh'": 1.0 / np.cosh(x) ** 2,
        "sigmoid": s, "sigmoid'": s * (1.0 - s),
    }  # fmt: skip
    assert list(found) == list(expected)
    for name, y in expected.items():
        assert np.allclose(found[name], np.c_[x, y], rtol=1e-12, atol=1e-14), name
    assert styles(ax) == [(colour, dash) for colour, dash in zip(OKABE_ITO[:3], DASHES, strict=False) for _ in range(2)]
    assert [(line.get_linewidth(), line.get_alpha()) for line in ax.get_lines()] == [(LINE, None), (THIN, 0.8)] * 3
    assert labels_of(ax) == ("$x$", "activation, and its derivative (thin)")
    assert ax.get_legend() is not None


def test_a_partial_effect_shows_its_rows_below_and_single_rows_in_thin_lines(ax):
    rows = [[5.0, 1.0], [1.0, 2.0], [2.0, 6.0]]
    plots.partial_effects(lambda r: r[0] * r[1] ** 2, rows, 1, ax, resolution=3, individual=2)
    first, second, mean, rug = ax.get_lines()
    grid = np.array([1.0, 3.5, 6.0])
    assert np.allclose(first.get_xydata(), np.c_[grid, 5.0 * grid**2])
    assert np.allclose(second.get_xydata(), np.c_[grid, grid**2])
    assert np.allclose(mean.get_xydata(), np.c_[grid, 8.0 / 3.0 * grid**2])
    assert rug.get_xydata().tolist() == [[1.0, 0.0], [2.0, 0.0], [6.0, 0.0]]
    assert (rug.get_marker(), rug.get_linestyle(), rug.get_markersize(), rug.get_alpha()) == ("|", "None", 10.0, 0.4)
    assert ax.get_xaxis_transform().transform((2.0, 0.0)).tolist() == rug.get_transform().transform((2.0, 0.0)).tolist()
    looks = [(line.get_color(), line.get_linewidth(), line.get_alpha()) for line in (first, second, mean)]
    assert looks == [("#767676", 0.5, 0.6)] * 2 + [("#0072B2", 2.0, None)]
    assert mpl.colors.to_hex(rug.get_color()) == "#000000"
    assert labels_of(ax) == ("feature 1", "prediction")
    assert ax.get_legend() is None
    assert has_grid(ax)


def test_no_single_row_is_drawn_unasked_and_no_more_than_there_are(ax):
    rows = [[0.0, 1.0], [1.0, 2.0]]
    assert len(plots.partial_effects(lambda r: r[0], rows, ax=ax).get_lines()) == 2
    assert len(plots.partial_effects(lambda r: r[0], rows, individual=9).get_lines()) == 4
    assert len(plots.partial_effects(lambda r: r[0], rows).get_lines()[0].get_xdata()) == 60


def test_seven_classes_have_each_a_colour_and_a_marker_and_the_eighth_begins_anew(ax):
    plots.decision_boundary(lambda p: p[0], [[float(i), 0.0] for i in range(8)], list(range(8)), ax)
    dots = [c for c in ax.collections if c.get_label() in map(str, range(8))]
    colours = [mpl.colors.to_hex(c.get_facecolor()[0]) for c in dots]
    assert colours == ["#b35900", "#00507a", *OKABE_ITO[2:], "#b35900"]
    shapes = [mpl.markers.MarkerStyle(marker) for marker in ("o", "^", "s", "D", "v", "P", "X", "o")]
    for dot, shape in zip(dots, shapes, strict=True):
        assert np.allclose(dot.get_paths()[0].vertices, shape.get_path().transformed(shape.get_transform()).vertices)


def test_a_partial_effect_leaves_the_other_features_as_they_are(ax):
    rows = [[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]]
    asked = []
    plots.partial_effects(lambda r: asked.append(list(r)) or r[0], rows, 1, ax, resolution=2)
    assert asked == [[1.0, 10.0, 100.0], [2.0, 10.0, 200.0], [1.0, 20.0, 100.0], [2.0, 20.0, 200.0]]


# Tables and classifiers

TABLES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
RNG = np.random.default_rng(8)
PLANE = RNG.normal(size=(80, 2))
NAMES = ["dose", "age"]
COLUMNS = dict(zip(NAMES, PLANE.T, strict=True))
GROUP = np.digitize(PLANE @ [1.0, 0.5] + RNG.normal(size=80), [-0.5, 0.7])
WORDS = np.array(["small", "medium", "large"])
ORDER = pd.CategoricalDtype(list(WORDS), ordered=True)
CLASSIFIERS = {
    "GLM": lambda: nn.GLM("categorical"),
    "LogisticRegression": LogisticRegression,
    "tree": lambda: DecisionTreeClassifier(max_depth=3, random_state=0),
    "pipeline": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
}


def moved(place, x):
    """The plane with one number in all rows of a column."""
    rows = PLANE.copy()
    rows[:, place] = x
    return dict(zip(NAMES, rows.T, strict=True))


@pytest.mark.parametrize("library", TABLES)
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_effect_on_a_classifier_is_its_mean_probability_of_the_second_class(name, library, ax):
    make = TABLES[library]
    labels = np.where(GROUP > 0, "yes", "no")
    model = CLASSIFIERS[name]().fit(make(COLUMNS), labels)
    plots.partial_effects(model, make(COLUMNS), "age", ax, resolution=5, individual=2)
    first, second, mean = (line.get_xydata() for line in ax.get_lines()[:3])
    grid = np.linspace(PLANE[:, 1].min(), PLANE[:, 1].max(), 5)
    chances = np.array([model.predict_proba(make(moved(1, x)))[:, 1] for x in grid])
    np.testing.assert_allclose(mean, np.c_[grid, chances.mean(axis=1)], rtol=1e-12)
    np.testing.assert_allclose(first, np.c_[grid, chances[:, 0]], rtol=1e-12)
    np.testing.assert_allclose(second, np.c_[grid, chances[:, 1]], rtol=1e-12)
    assert labels_of(ax) == ("age", "probability of yes")
    assert ax.get_legend() is None


@pytest.mark.parametrize("library", TABLES)
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_effect_on_several_classes_is_a_line_for_each_in_the_colour_of_its_region(name, library, ax):
    make = TABLES[library]
    model = CLASSIFIERS[name]().fit(make(COLUMNS), WORDS[GROUP])
    plots.partial_effects(model, make(COLUMNS), 0, ax, resolution=4, individual=1)
    found = lines(ax)
    grid = np.linspace(PLANE[:, 0].min(), PLANE[:, 0].max(), 4)
    chances = np.array([model.predict_proba(make(moved(0, x))) for x in grid])
    for k, label in enumerate(["large", "medium", "small"]):
        np.testing.assert_allclose(found[label], np.c_[grid, chances[:, :, k].mean(axis=1)], rtol=1e-12)
        np.testing.assert_allclose(ax.get_lines()[2 * k].get_xydata(), np.c_[grid, chances[:, 0, k]], rtol=1e-12)
        assert styles(ax)[2 * k][0] == styles(ax)[2 * k + 1][0]
    assert styles(ax)[1::2][:3] == [("#b35900", "-"), ("#00507a", "--"), ("#009e73", "-.")]
    assert labels_of(ax) == ("dose", "probability")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["large", "medium", "small"]


def test_a_classifier_without_probabilities_is_asked_for_its_score(ax):
    labels = np.where(GROUP > 0, "yes", "no")
    model = LinearSVC().fit(PLANE, labels)
    plots.partial_effects(model, PLANE, 1, ax, resolution=2)
    xs, ys = ax.get_lines()[0].get_data()
    rows = [np.c_[PLANE[:, 0], np.full(80, x)] for x in xs]
    np.testing.assert_allclose(ys, [model.decision_function(block).mean() for block in rows])
    assert labels_of(ax) == ("feature 1", "score of yes")
    boundary = plots.decision_boundary(model, PLANE, labels)
    assert line_of(boundary) @ [*model.coef_[0], model.intercept_[0]] == pytest.approx(0.0, abs=1e-9)


def test_of_a_classifier_that_only_predicts_the_share_of_each_label_is_drawn(ax):
    model = VotingClassifier([("tree", DecisionTreeClassifier(max_depth=1))]).fit(PLANE, WORDS[GROUP])
    plots.partial_effects(model, PLANE, 0, ax, resolution=3)
    for label in ("large", "medium", "small"):
        xs, ys = lines(ax)[label].T
        shares = [np.mean(model.predict(np.c_[np.full(80, x), PLANE[:, 1]]) == label) for x in xs]
        np.testing.assert_allclose(ys, shares, rtol=1e-12)
    assert labels_of(ax)[1] == "share"
    plots.decision_boundary(model, PLANE, WORDS[GROUP])
    two = model.fit(PLANE, np.where(GROUP > 0, "yes", "no"))
    assert labels_of(plots.partial_effects(two, PLANE))[1] == "share of yes"
    assert (
        min(abs(line_of(plots.decision_boundary(two, PLANE, GROUP > 0))[:2] - two.estimators_[0].tree_.threshold[0]))
        < 0.1
    )


def line_of(ax):
    """A point of the line where a model is undecided, halfway along, with a 1 behind."""
    (black,) = (c for c in ax.collections if c.get_linewidths()[0] == 1.5)
    points = black.get_paths()[0].vertices
    return np.r_[points[len(points) // 2], 1.0]


@pytest.mark.parametrize("library", TABLES)
@pytest.mark.parametrize("labels", [("no", "yes"), (0, 1), (3, 7), (False, True)], ids=str)
@pytest.mark.parametrize("name", ["GLM", "LogisticRegression"])
def test_the_boundary_of_two_classes_is_where_the_second_has_probability_one_half(name, labels, library, ax):
    make, y = TABLES[library], np.array(labels)[(GROUP > 0).astype(int)]
    model = nn.GLM("bernoulli") if name == "GLM" else LogisticRegression()
    model.fit(make(COLUMNS), y)
    series = make({"y": y})["y"]
    plots.decision_boundary(model, make(COLUMNS), series, ax)
    slope = [*np.ravel(model.coef_), np.ravel(model.intercept_)[0]]
    assert line_of(ax) @ slope == pytest.approx(
        0.0, abs=1e-2
    )  # the line is drawn straight from one grid point to the next
    assert labels_of(ax) == ("dose", "age")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [str(label) for label in labels]
    other = plots.decision_boundary(model, make(COLUMNS), series, threshold=0.8)
    assert line_of(other) @ slope == pytest.approx(np.log(4.0), abs=5e-2)


@pytest.mark.parametrize("library", TABLES)
def test_a_class_has_the_colour_of_its_region_whatever_the_order_of_the_classes(library, ax):
    make = TABLES[library]
    model = nn.GLM("categorical").fit(make(COLUMNS), pd.Categorical(WORDS[GROUP], dtype=ORDER))
    assert model.classes_.tolist() == ["small", "medium", "large"]
    some = GROUP != 1
    few = {name: column[some] for name, column in COLUMNS.items()}
    plots.decision_boundary(model, make(few), WORDS[GROUP][some], ax)  # no point of the second class
    colours = {c.get_label(): mpl.colors.to_hex(c.get_facecolor()[0]) for c in ax.collections if c.get_label() in WORDS}
    assert colours == {"small": "#b35900", "large": "#009e73"}
    corner = PLANE[some].min(axis=0)
    assert model.predict(corner[None]).tolist() == ["small"]
    assert np.allclose(pixels(ax, corner + 1e-3)[0], rgb("#B35900", 0.25), atol=2.0)


@pytest.mark.parametrize("library", TABLES)
def test_the_effect_on_a_fitted_mean_is_drawn_by_the_name_of_the_column(library, ax):
    make = TABLES[library]
    model = nn.GLM().fit(make(COLUMNS), GROUP)
    plots.partial_effects(model, make(COLUMNS), "age", ax, resolution=3)
    xs, ys = ax.get_lines()[0].get_data()
    np.testing.assert_allclose(
        ys, model.intercept_ + model.coef_[0] * PLANE[:, 0].mean() + model.coef_[1] * xs, rtol=1e-9
    )
    assert labels_of(ax) == ("age", "prediction")


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_other_columns_may_hold_words_if_the_model_takes_them(library, ax):
    make = TABLES[library]
    colour = np.array(["red", "blue"])[RNG.integers(0, 2, 80)]
    table = make({"colour": colour, "dose": PLANE[:, 0]})
    heads = make_column_transformer((OneHotEncoder(), ["colour"]), (StandardScaler(), ["dose"]))
    model = make_pipeline(heads, LogisticRegression()).fit(table, np.where(GROUP > 0, "yes", "no"))
    plots.partial_effects(model, table, "dose", ax, resolution=3)
    xs, ys = ax.get_lines()[0].get_data()
    chances = [model.predict_proba(make({"colour": colour, "dose": np.full(80, x)}))[:, 1].mean() for x in xs]
    np.testing.assert_allclose(ys, chances, rtol=1e-12)
    with pytest.raises(TypeError, match=r"partial_effects\(\) expects numbers as colour, got "):
        plots.partial_effects(model, table, "colour", ax)


@pytest.mark.parametrize("library", TABLES)
def test_a_function_of_a_row_gets_the_numbers_of_a_table_as_a_list(library, ax):
    table = TABLES[library]({"a": [1.0, 2.0], "cost in $": [10, 20]})
    asked = []
    plots.partial_effects(lambda row: asked.append(row) or row[0], table, "cost in $", ax, resolution=2)
    assert asked == [[1.0, 10.0], [2.0, 10.0], [1.0, 20.0], [2.0, 20.0]]
    assert labels_of(ax)[0] == r"cost in \$"
    boundary = plots.decision_boundary(lambda row: row[0] - 1.5, table, [0, 1])
    assert labels_of(boundary) == ("a", r"cost in \$")
    assert line_of(boundary)[0] == pytest.approx(1.5)


def test_columns_without_names_are_found_by_their_position(ax):
    plots.partial_effects(lambda row: row[0], pd.DataFrame([[1.0, 2.0], [3.0, 5.0]]), 1, ax)
    assert labels_of(ax)[0] == "feature 1"
    assert (
        plots.decision_boundary(lambda row: row[0], pd.DataFrame([[1.0, 2.0], [3.0, 5.0]]), [0, 1]).get_xlabel()
        == "$x_1$"
    )


@pytest.mark.parametrize(
    ("feature", "error", "message"),
    [
        ("dosis", ValueError, r"unknown column 'dosis'; did you mean 'dose'\?; the names are dose, age"),
        (2, ValueError, r"partial_effects\(\) expects a feature among the 2 of the rows, got 2"),
        (1.0, TypeError, r"expects feature to be the position of a column or its name, got float \(1.0\)"),
    ],
)
def test_a_column_that_a_table_does_not_have_is_refused(feature, error, message):
    with pytest.raises(error, match=message):
        plots.partial_effects(nn.GLM().fit(pd.DataFrame(COLUMNS), GROUP), pd.DataFrame(COLUMNS), feature)
    assert not plt.get_fignums()


def test_gaps_and_wrong_widths_of_tables_are_refused_before_anything_is_drawn():
    model = nn.GLM().fit(pd.DataFrame(COLUMNS), GROUP)
    gap = pl.DataFrame({"dose": [1.0, None], "age": [1.0, 2.0]})
    with pytest.raises(ValueError, match=r"partial_effects\(\) expects finite numbers as dose, got nan in row 1"):
        plots.partial_effects(model, gap, "dose")
    with pytest.raises(ValueError, match="points of two coordinates"):
        plots.decision_boundary(model, pl.DataFrame({"dose": [1.0]}), [0])
    with pytest.raises(ValueError, match="a label for each of the 80 points, got 2"):
        plots.decision_boundary(model, pd.DataFrame(COLUMNS), pd.Series([0, 1]))
    assert not plt.get_fignums()
