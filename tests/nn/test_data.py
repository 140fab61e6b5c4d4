"""What is refused in the data of a fit, and what the message says."""

import numpy as np
import pandas as pd
import pytest

from nn import GLM, families

X = np.array([[0.0, 1.0], [1.0, 3.0], [2.0, 2.0], [3.0, 5.0], [4.0, 1.0]])
Y = np.array([1.0, 2.0, 2.0, 3.0, 4.0])


def with_entry(array, place, value):
    array = array.copy()
    array[place] = value
    return array


BAD_X = [
    (with_entry(X, (2, 1), np.nan), ValueError, r"finite numbers in X, got nan in row 2, column 1"),
    (with_entry(X, (0, 0), np.inf), ValueError, r"finite numbers in X, got inf in row 0, column 0"),
    (
        X[:, 0],
        ValueError,
        r"X to have rows and columns, got the shape \(5,\). Reshape your data: X.reshape\(-1, 1\) is one column",
    ),
    (X[None], ValueError, r"X to have rows and columns, got the shape \(1, 5, 2\)"),
    (X[:0], ValueError, r"at least one row, got X of the shape \(0, 2\)"),
    ([["a", 1.0]] * 5, TypeError, r"expects numbers in X, got str 'a'"),
    ("abc", TypeError, r"expects numbers in X, got str 'abc'"),
    ([[1.0, None]] * 5, ValueError, r"expects finite numbers in X, got nan in row 0, column 1"),
    ([[1.0, {}]] * 5, TypeError, r"expects numbers in X, got dict {}"),
    ([[1.0, 2.0], [3.0]], ValueError, r"expects numbers in X, in rows of equal length"),
    ([[1j]] * 5, TypeError, r"expects numbers in X, got complex 1j"),
    (
        pd.DataFrame({"a": X[:, 0], "b": list("vwxyz")}),
        TypeError,
        r"expects numbers in X, got str( 'v' in row 0,| in) column 'b': encode",
    ),
    (pd.DataFrame(with_entry(X, (1, 0), np.nan), columns=["a", "b"]), ValueError, r"got nan in row 1, column 'a'"),
]


@pytest.mark.parametrize(("bad", "error", "says"), BAD_X, ids=range(len(BAD_X)))
def test_a_bad_table_is_refused_by_row_and_column(bad, error, says):
    model = GLM("poisson").fit(X, Y)
    before = model.parameters_.copy()
    with pytest.raises(error, match=r"GLM\.fit\(\) .*" + says):
        model.fit(bad, Y)
    np.testing.assert_array_equal(model.parameters_, before)  # nothing is half-changed
    with pytest.raises(error, match=says):
        model.predict(bad)


BAD_Y = [
    (
        "poisson",
        with_entry(Y, 3, -1.0),
        ValueError,
        r"expects y in \[0, inf\) for the family poisson, got -1.0 in row 3",
    ),
    ("gamma", with_entry(Y, 3, 0.0), ValueError, r"expects y in \(0, inf\) for the family gamma, got 0.0 in row 3"),
    ("inverse_gaussian", with_entry(Y, 4, 0.0), ValueError, r"expects y in \(0, inf\) for the family inverse_gaussian"),
    (
        "bernoulli",
        with_entry(Y / 8, 2, 1.5),
        ValueError,
        r"expects y in \[0, 1\] for the family bernoulli, got 1.5 in row 2",
    ),
    ("gaussian", with_entry(Y, 1, np.nan), ValueError, r"expects finite numbers as y, got nan in row 1"),
    ("bernoulli", with_entry(Y / 8, 1, np.nan), ValueError, r"expects finite numbers as y, got nan in row 1"),
    ("gaussian", Y[:4], ValueError, r"expects as many numbers in y as X has rows, got 4 for 5"),
    ("bernoulli", Y[:4], ValueError, r"expects as many observations as X has rows, got 4 for 5"),
    ("gaussian", np.c_[Y, Y], ValueError, r"expects one number a row as y, got the shape \(5, 2\)"),
    ("gaussian", list("abcde"), TypeError, r"expects numbers as y, got str 'a'"),
    ("bernoulli", list("abcab"), ValueError, r"expects two classes in y, got 3 classes: 'a', 'b', 'c'"),
    ("bernoulli", ["a"] * 5, ValueError, r"expects two classes in y, got 1 class: 'a'"),
    ("categorical", ["a"] * 5, ValueError, r"expects at least two classes in y, got 1 class: 'a'"),
    ("categorical", Y + 0.5, ValueError, r"expects labels of classes as y, no continuous numbers, got 1.5 in row 0"),
    ("categorical", np.c_[Y, Y], ValueError, r"expects one label a row as y, got the shape \(5, 2\)"),
    (
        "binomial",
        np.c_[Y, -Y],
        ValueError,
        r"expects counts of successes and failures as y, not both 0, got \[ 1. -1.\] in row 0",
    ),
    ("binomial", np.zeros((5, 2)), ValueError, r"not both 0, got \[0. 0.\] in row 0"),
    ("binomial", np.c_[Y, Y, Y], ValueError, r"expects (numbers|one)"),
]


@pytest.mark.parametrize(("family", "bad", "error", "says"), BAD_Y, ids=range(len(BAD_Y)))
def test_observations_that_a_family_cannot_make_are_refused_by_row(family, bad, error, says):
    with pytest.raises(error, match=says):
        GLM(family).fit(X, bad)


MISSING = [
    (
        np.array([1.0, np.nan, 2.0, 2.0, 1.0], dtype=object),
        ValueError,
        r"expects a label in every row as y, got nan in row 1",
    ),
    (["a", None, "b", "b", "a"], ValueError, r"expects a label in every row as y, got None in row 1"),
    (
        np.array(["a", pd.NA, "b", "b", "a"], dtype=object),
        ValueError,
        r"expects a label in every row as y, got <NA> in row 1",
    ),
    (3, TypeError, r"expects a list or an array as y, got int"),
]


@pytest.mark.parametrize("family", ["bernoulli", "categorical"])
@pytest.mark.parametrize(("bad", "error", "says"), MISSING, ids=range(len(MISSING)))
def test_missing_labels_are_refused_by_row(family, bad, error, says):
    with pytest.raises(error, match=says):
        GLM(family).fit(X, bad)


def test_more_labels_than_two_are_sent_to_the_categorical_family():
    for y in ([0, 1, 2, 1, 0], list("abcab")):
        with pytest.raises(ValueError, match="there is the family categorical"):
            GLM("bernoulli").fit(X, y)


def test_two_whole_numbers_are_labels():
    model = GLM("bernoulli", alpha=1.0).fit(X, [1, 2, 1, 2, 2])
    assert model.classes_.tolist() == [1, 2]
    assert GLM("bernoulli", alpha=1.0).fit(X, np.array(list("abaab"), dtype=object)).classes_.tolist() == ["a", "b"]
    assert GLM("bernoulli", alpha=1.0).fit(X, np.array([0, 1, 0, 1, 1], dtype=object)).classes_.tolist() == [0, 1]


def test_a_class_without_weight_is_refused_by_name():
    with pytest.raises(ValueError, match=r"a sample_weight above 0 in some row of each class, got none for .*'c'"):
        GLM("categorical").fit(X, list("aabbc"), sample_weight=[1, 1, 1, 1, 0])


BAD_MORE = [
    ({"sample_weight": [1, 1, -1, 1, 1]}, ValueError, r"expects no negative sample_weight, got -1.0 in row 2"),
    ({"sample_weight": [0] * 5}, ValueError, r"expects a sample_weight above 0 in some row, got zero in all 5"),
    ({"sample_weight": [1, 2]}, ValueError, r"expects as many numbers in sample_weight as X has rows, got 2 for 5"),
    ({"offset": [1, 2, np.inf, 4, 5]}, ValueError, r"expects finite numbers as offset, got inf in row 2"),
    ({"offset": "x"}, TypeError, r"expects numbers as offset, got str 'x'"),
    ({"offset": [[1.0]]}, ValueError, r"expects as many numbers in offset as X has rows, got 1 for 5"),
    ({"exposure": [1, 0, 1, 1, 1]}, ValueError, r"expects an exposure above 0, got 0.0 in row 1"),
]


@pytest.mark.parametrize(("more", "error", "says"), BAD_MORE, ids=range(len(BAD_MORE)))
def test_bad_weights_offsets_and_exposures_are_refused_by_row(more, error, says):
    with pytest.raises(error, match=says):
        GLM("poisson").fit(X, Y, **more)


BAD_PARAMETERS = [
    ({"alpha": -1.0}, r"GLM expects alpha to be a number from 0 to inf, got -1.0"),
    ({"alpha": np.nan}, r"GLM expects alpha to be a number from 0 to inf, got nan"),
    ({"alpha": "big"}, r"GLM expects alpha to be a number from 0 to inf, got 'big'"),
    ({"l1_ratio": 1.5}, r"GLM expects l1_ratio to be a number from 0 to 1, got 1.5"),
    ({"tol": True}, r"GLM expects tol to be a number from 0 to 1, got True"),
    ({"max_iter": 0}, r"GLM expects max_iter to be an int from 1 up, got 0"),
    ({"max_iter": 2.5}, r"GLM expects max_iter to be an int from 1 up, got 2.5"),
    ({"fit_intercept": "no"}, r"GLM expects fit_intercept to be True or False, got 'no'"),
    ({"family": "categorical", "link": "logit"}, r"expects the link softmax with the family categorical and no other"),
    ({"family": "gaussian", "link": "softmax"}, r"expects the link softmax with the family categorical and no other"),
    ({"family": "guassian"}, r"unknown family 'guassian'; did you mean 'gaussian'\?"),
    ({"link": "ident"}, r"unknown link 'ident'; did you mean 'identity'\?"),
]


@pytest.mark.parametrize(("parameters", "says"), BAD_PARAMETERS, ids=range(len(BAD_PARAMETERS)))
def test_bad_parameters_are_refused_when_they_are_used(parameters, says):
    with pytest.raises(ValueError, match=says):
        GLM(**parameters).fit(X, Y)


def test_what_goes_by_no_name_is_refused():
    with pytest.raises(TypeError, match="a solver goes by a name, got NoneType"):
        GLM(solver=None).fit(X, Y)


def test_what_reads_as_numbers_is_read():
    plain = GLM("poisson").fit(X, Y)
    for rows, y in ((X.tolist(), Y.tolist()), (np.asfortranarray(X), Y[:, None]), (X.astype(object), Y.astype(int))):
        np.testing.assert_array_equal(GLM("poisson").fit(rows, y).parameters_, plain.parameters_)
    np.testing.assert_allclose(GLM("poisson").fit(X.astype(np.float32), Y).parameters_, plain.parameters_)
    frame = GLM("poisson").fit(pd.DataFrame(X, columns=["dose", "age"]), pd.Series(Y))
    np.testing.assert_array_equal(frame.parameters_, plain.parameters_)
    assert frame.parameter_names_ == ["intercept", "dose", "age"]
    assert list(frame.feature_names_in_) == ["dose", "age"]
    assert GLM("categorical", alpha=1.0).fit(X, np.array([[0], [1], [0], [1], [1]])).classes_.tolist() == [0, 1]
    assert GLM(families.Bernoulli).fit(X, Y / 8).predict(X).shape == (5,)  # shares have no labels
