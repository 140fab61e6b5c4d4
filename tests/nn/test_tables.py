"""The doors through which data come: tables and series of pandas, polars and pyarrow, sparse X, labels, single offsets."""

import subprocess
import sys
import tracemalloc
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.utils import get_tags

from nn import GLM, checks

RNG = np.random.default_rng(3)
X = np.c_[RNG.integers(0, 5, 40), RNG.normal(size=40)]
COUNTS = RNG.poisson(np.exp(0.3 * X[:, 1] + 0.2)).astype(float)
WEIGHTS, SHIFTS, TIMES = RNG.integers(1, 4, 40).astype(float), RNG.normal(size=40), RNG.uniform(0.5, 2.0, 40)
NAMES = ["dose", "age"]


def arrow_batch(columns):
    return pa.record_batch(columns)


TABLES = {
    "pandas": pd.DataFrame,
    "pandas, nullable": lambda columns: pd.DataFrame(columns).convert_dtypes(),
    "pandas, of pyarrow": lambda columns: pd.DataFrame(columns).convert_dtypes(dtype_backend="pyarrow"),
    "pandas, objects": lambda columns: pd.DataFrame(columns).astype(object),
    "polars": pl.DataFrame,
    "pyarrow": pa.table,
    "pyarrow, a batch": arrow_batch,
}
SERIES = {
    "pandas": pd.Series,
    "pandas, nullable": lambda y: pd.Series(y).convert_dtypes(),
    "pandas, of pyarrow": lambda y: pd.Series(y).convert_dtypes(dtype_backend="pyarrow"),
    "pandas, objects": lambda y: pd.Series(y, dtype=object),
    "pandas, an array": pd.array,
    "polars": pl.Series,
    "pyarrow": lambda y: pa.chunked_array([y[:7], y[7:]]),
    "pyarrow, an array": pa.array,
}
LIBRARIES = ("pandas", "polars", "pyarrow")


def columns_of(matrix, names=NAMES):
    return dict(zip(names, matrix.T, strict=True))


def column_in(library, column):
    """A table of three rows, in which b is the column given."""
    return {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}[library](
        {"a": [1.0, 2.0, 3.0], "b": column}
    )


@pytest.mark.parametrize("library", TABLES)
def test_a_table_gives_the_fit_of_its_numbers_under_its_names(library):
    plain, table = GLM("poisson").fit(X, COUNTS), TABLES[library](columns_of(X))
    model = GLM("poisson").fit(table, COUNTS)
    np.testing.assert_array_equal(model.parameters_, plain.parameters_)
    assert list(model.feature_names_in_) == NAMES
    assert model.parameter_names_ == ["intercept", *NAMES]
    np.testing.assert_array_equal(model.predict(table), plain.predict(X))
    assert model.score(table, COUNTS) == plain.score(X, COUNTS)
    with pytest.raises(ValueError, match="expects the columns dose, age, in this order, got age, dose"):
        model.predict(TABLES[library](columns_of(X[:, ::-1], NAMES[::-1])))


@pytest.mark.parametrize("library", SERIES)
def test_a_series_is_taken_for_y_weights_offset_and_exposure(library):
    make = SERIES[library]
    plain = GLM("poisson").fit(X, COUNTS, WEIGHTS, SHIFTS, TIMES)
    model = GLM("poisson").fit(X, make(COUNTS), make(WEIGHTS), make(SHIFTS), make(TIMES))
    np.testing.assert_array_equal(model.parameters_, plain.parameters_)
    np.testing.assert_array_equal(model.predict(X, make(SHIFTS), make(TIMES)), plain.predict(X, SHIFTS, TIMES))
    found = model.score(X, make(COUNTS), make(WEIGHTS), make(SHIFTS), make(TIMES))
    assert found == plain.score(X, COUNTS, WEIGHTS, SHIFTS, TIMES)


@pytest.mark.parametrize("library", TABLES)
def test_observations_come_in_a_table_of_one_column_or_of_successes_and_failures(library):
    make = TABLES[library]
    one = GLM("poisson").fit(X, make({"y": COUNTS}))
    np.testing.assert_array_equal(one.parameters_, GLM("poisson").fit(X, COUNTS).parameters_)
    counts = np.c_[COUNTS, COUNTS[::-1] + 1.0]
    model = GLM("binomial").fit(X, make(columns_of(counts, ["successes", "failures"])))
    np.testing.assert_array_equal(model.parameters_, GLM("binomial").fit(X, counts).parameters_)
    labels = np.array(["no", "yes"])[(COUNTS > 1.0).astype(int)]
    assert GLM("bernoulli").fit(X, make({"y": labels})).classes_.tolist() == ["no", "yes"]


NUMBERS = {
    "whole": ([1, 0, 2], [1, 0, 2]),
    "booleans": ([True, False, True], [1, 0, 1]),
    "Decimals": ([Decimal("1.5"), Decimal("0.0"), Decimal("2.0")], [1.5, 0, 2]),
}
OBJECTS = [1, Decimal("2.5"), np.float32(0.5)]
PANDAS = {
    "objects": (pd.Series(OBJECTS, dtype=object), [1, 2.5, 0.5]),
    "fractions": (pd.Series([Fraction(1, 4), True, np.int8(3)], dtype=object), [0.25, 1, 3]),
    "Int64": (pd.array([1, 2, 3], dtype="Int64"), [1, 2, 3]),
    "Float32": (pd.array([1, 2, 3], dtype="Float32"), [1, 2, 3]),
    "boolean": (pd.array([True, False, True], dtype="boolean"), [1, 0, 1]),
    "int8[pyarrow]": (pd.array([1, 2, 3], dtype="int8[pyarrow]"), [1, 2, 3]),
    "bool[pyarrow]": (pd.array([True, False, True], dtype="bool[pyarrow]"), [1, 0, 1]),
    "decimal[pyarrow]": (pd.array(NUMBERS["Decimals"][0], dtype=pd.ArrowDtype(pa.decimal128(5, 2))), [1.5, 0, 2]),
    "sparse": (pd.arrays.SparseArray([0.0, 1.0, 0.0]), [0, 1, 0]),
}
HELD = [(f"{library}, {name}", column_in(library, c), n) for library in LIBRARIES for name, (c, n) in NUMBERS.items()]
HELD += [(f"pandas, {name}", column_in("pandas", c), n) for name, (c, n) in PANDAS.items()]
HELD += [("polars, objects", column_in("polars", pl.Series(OBJECTS, dtype=pl.Object)), [1, 2.5, 0.5])]
HELD += [
    ("an array of objects", np.array([[1.0, 1], [2.0, Decimal("2.5")], [3, False]], dtype=object), [1, 2.5, 0]),
    ("lists", [[1.0, Fraction(1, 2)], [2, Decimal(1)], [np.int8(3), True]], [0.5, 1, 1]),
]


@pytest.mark.parametrize(("table", "numbers"), [row[1:] for row in HELD], ids=[row[0] for row in HELD])
def test_numbers_are_read_from_columns_of_any_type_that_holds_them(table, numbers):
    matrix, _ = checks.table(table, "fit()")
    assert matrix.dtype == np.float64
    np.testing.assert_array_equal(matrix, np.c_[[1.0, 2.0, 3.0], numbers])


GAPS = {
    "whole": [1, None, 2],
    "float": [1.5, None, 2.5],
    "nan": [1.5, float("nan"), 2.5],
    "boolean": [True, None, False],
    "Decimal": [Decimal(1), None, Decimal(2)],
}
MISSING = [(f"{library}, {name}", column_in(library, c)) for library in LIBRARIES for name, c in GAPS.items()]
MISSING += [
    (f"pandas, {kind}", column_in("pandas", pd.array([1, None, 0], dtype=kind)))
    for kind in ("Int64", "Float64", "boolean", "int64[pyarrow]", "double[pyarrow]", "bool[pyarrow]")
]
MISSING += [
    (f"pandas, {gap!r}", column_in("pandas", pd.Series([1, gap, 2], dtype=object))) for gap in (None, pd.NA, pd.NaT)
]
MISSING += [
    ("polars, objects", column_in("polars", pl.Series([1, None, 2], dtype=pl.Object))),
    ("pandas, sparse", column_in("pandas", pd.arrays.SparseArray([1.0, np.nan, 2.0]))),
]


@pytest.mark.parametrize("table", [table for _, table in MISSING], ids=[name for name, _ in MISSING])
def test_what_is_missing_is_named_by_row_and_column(table):
    says = "finite numbers in X, got nan in row 1, column 'b': NaN stands for what is missing; fill it in"
    with pytest.raises(ValueError, match=r"GLM\.fit\(\) expects " + says):
        GLM().fit(table, [1.0, 2.0, 4.0])
    model = GLM(fit_intercept=False).fit(pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [1.0, 0.0, 0.5]}), [1.0, 2.0, 4.0])
    with pytest.raises(ValueError, match=r"GLM\.predict\(\) expects " + says):
        model.predict(table)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_column_of_nothing_is_missing_from_its_first_row(library):
    with pytest.raises(ValueError, match="got nan in row 0, column 'b'"):
        checks.table(column_in(library, [None, None, None]), "fit()")


WORDS = ["v", "w", "v"]
DAYS = [date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1)]
REFUSED = [(library, c) for library in LIBRARIES for c in (WORDS, DAYS, [datetime(2020, 1, 1)] * 3, [timedelta(1)] * 3)]
REFUSED += [
    ("pandas", pd.Categorical(WORDS)),
    ("pandas", pd.Categorical([1, 2, 3])),
    ("pandas", pd.array(WORDS, dtype="string")),
    ("pandas", pd.array(WORDS, dtype="string[pyarrow]")),
    ("pandas", pd.Series(["1.5", 2, 3], dtype=object)),
    ("pandas", pd.period_range("2020", periods=3, freq="D")),
    ("pandas", pd.Series([1j, 2.0, 3.0])),
    ("pandas", pd.Series([np.ones(2)] * 3)),
    ("polars", pl.Series(WORDS, dtype=pl.Enum(["v", "w"]))),
    ("polars", pl.Series(WORDS, dtype=pl.Categorical)),
    ("polars", pl.Series(["1.5", 2, 3], dtype=pl.Object)),
    ("polars", [[1.0], [2.0], [3.0]]),
    ("pyarrow", pa.array(WORDS).dictionary_encode()),
]


@pytest.mark.parametrize(("library", "column"), REFUSED, ids=range(len(REFUSED)))
def test_strings_categories_and_dates_are_refused_by_column(library, column):
    with pytest.raises(TypeError, match=r"expects numbers in X, got .* column 'b': encode it as numbers first") as told:
        GLM().fit(column_in(library, column), [1.0, 2.0, 4.0])
    assert len(str(told.value)) < 300


@pytest.mark.parametrize("library", SERIES)
@pytest.mark.parametrize("what", ["y", "sample_weight", "offset", "exposure"])
def test_a_missing_number_of_a_series_is_named_by_row(library, what):
    gap = [1.0, 2.0, None, *COUNTS[3:].tolist()]
    with pytest.raises(ValueError, match=f"finite numbers as {what}, got nan in row 2: NaN stands for what is missing"):
        GLM("poisson").fit(X, **{"y": COUNTS, what: SERIES[library](gap)})


@pytest.mark.parametrize("library", LIBRARIES)
def test_words_and_dates_are_no_numbers_of_a_series(library):
    for column in (WORDS, DAYS):
        with pytest.raises(TypeError, match="expects numbers as y, got "):
            GLM().fit([[1.0], [2.0], [4.0]], SERIES[library](column))
    with pytest.raises(TypeError, match=r"expects numbers as y, got datetime64\[ns\]: encode it as numbers first"):
        GLM().fit([[1.0], [2.0], [4.0]], np.array(DAYS, dtype="datetime64[ns]"))


def test_masked_entries_are_missing():
    mask = np.zeros(X.shape, dtype=bool)
    mask[4, 1] = True
    with pytest.raises(ValueError, match="got nan in row 4, column 1"):
        GLM().fit(np.ma.array(X, mask=mask), COUNTS)
    with pytest.raises(ValueError, match="finite numbers as y, got nan in row 4"):
        GLM().fit(X, np.ma.array(COUNTS, mask=mask[:, 1]))
    with pytest.raises(ValueError, match="a label in every row as y, got None in row 4"):
        GLM("categorical").fit(X, np.ma.array(COUNTS, mask=mask[:, 1]))
    plain = GLM().fit(X, COUNTS).parameters_
    np.testing.assert_array_equal(GLM().fit(np.ma.array(X), np.ma.array(COUNTS)).parameters_, plain)


# Names


def test_columns_have_names_if_all_of_them_are_strings():
    whole = GLM().fit(pd.DataFrame(X), COUNTS)
    pairs = GLM().fit(pd.DataFrame(X, columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])), COUNTS)
    for model in (whole, pairs):
        assert not hasattr(model, "feature_names_in_")
        assert model.parameter_names_ == ["intercept", "x0", "x1"]
    with pytest.raises(
        TypeError, match=r"names of columns that are all strings or none of them, got int 1 among strings"
    ):
        GLM().fit(pd.DataFrame(X, columns=["dose", 1]), COUNTS)


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame(np.c_[X, X], columns=["a", "b", "c", "b"]),
        pa.table([*X.T, *X.T], names=["a", "b", "c", "b"]),
        pd.DataFrame(np.c_[X, X], columns=["a", "b", "c", "d"])[["a", "b", "c", "b"]],
    ],
    ids=["pandas", "pyarrow", "chosen twice"],
)
def test_two_columns_of_one_name_are_refused(table):
    with pytest.raises(ValueError, match="numbers in X under a name of its own for each column, got 2 columns 'b'"):
        GLM().fit(table, COUNTS)


@pytest.mark.parametrize("column", [[1.0, None], ["v", "w"], [object(), 1.0]], ids=["missing", "words", "objects"])
def test_a_message_stays_short_whatever_the_name_of_the_column(column):
    for names in (["a", "b" * 1000], ["b" * 1000] * 2):
        table = pd.DataFrame({"a": [1.0, 2.0], "b": column}).set_axis(names, axis=1)
        with pytest.raises((TypeError, ValueError), match="bbb") as told:
            GLM().fit(table, [1.0, 2.0])
        assert len(str(told.value)) < 500


def test_a_table_that_is_not_computed_yet_is_refused():
    with pytest.raises(TypeError, match=r"GLM.fit\(\) expects numbers in X, got a lazy LazyFrame: collect it first"):
        GLM().fit(pl.LazyFrame(columns_of(X)), COUNTS)


@pytest.mark.parametrize("make", [pd.Series, pl.Series])
def test_a_series_is_no_table_and_the_message_says_how_to_make_one(make):
    with pytest.raises(ValueError, match=r"rows and columns, got the shape \(40,\): X.to_frame\(\) is one column"):
        GLM().fit(make(X[:, 0]), COUNTS)
    assert GLM().fit(make(X[:, 0]).to_frame(), COUNTS).coef_.shape == (1,)


# The index of pandas

FRAME = pd.DataFrame(X, columns=NAMES, index=[f"row {i}" for i in range(40)])


def indexed(values):
    return pd.Series(values, index=FRAME.index)


@pytest.mark.parametrize("what", ["y", "sample_weight", "offset", "exposure"])
def test_an_index_that_is_not_the_index_of_X_is_refused_with_the_ways_out(what):
    own = {"y": COUNTS, "sample_weight": WEIGHTS, "offset": SHIFTS, "exposure": TIMES}
    turned, other = indexed(own[what])[::-1], indexed(own[what]).reset_index(drop=True)
    same = f"{what} to have the index of X, got its labels in another order: in row 0 'row 39' for 'row 0'; pass {what}"
    with pytest.raises(
        ValueError, match=rf"{same}\.loc\[X\.index\] to go by labels, {what}\.to_numpy\(\) to go by pos"
    ):
        GLM("poisson").fit(FRAME, **own | {what: turned})
    with pytest.raises(ValueError, match=rf"got other labels: in row 0 0 for 'row 0'; pass {what}\.to_numpy\(\) to go"):
        GLM("poisson").fit(FRAME, **own | {what: other})
    with pytest.raises(ValueError, match="got its labels in another order"):  # a table of one column has an index too
        GLM("poisson").fit(FRAME, **own | {what: turned.to_frame()})
    plain = GLM("poisson").fit(X, **own).parameters_
    for mended in (turned.loc[FRAME.index], other.to_numpy()):
        np.testing.assert_array_equal(GLM("poisson").fit(FRAME, **own | {what: mended}).parameters_, plain)


def test_new_rows_and_scores_look_at_the_index_too():
    model = GLM("poisson").fit(FRAME, COUNTS, exposure=TIMES)
    for ask in (model.predict, model.decision_function, model.predict_interval):
        for what in ("offset", "exposure"):
            with pytest.raises(ValueError, match=rf"GLM\.\w+\(\) expects {what} to have the index of X"):
                ask(FRAME, **{what: indexed(TIMES)[::-1]})
    for what in ("y", "sample_weight", "offset", "exposure"):
        with pytest.raises(ValueError, match=rf"GLM\.score\(\) expects {what} to have the index of X"):
            model.score(FRAME, **{"y": COUNTS, what: indexed(TIMES)[::-1]})


def test_an_index_is_compared_by_its_labels_and_only_with_another():
    plain = GLM("poisson").fit(X, COUNTS).parameters_
    later = pd.DataFrame(X, index=np.arange(40.0))  # 0.0 is the label 0
    pairs = pd.MultiIndex.from_product([range(8), list("abcde")])
    for table, y in (
        (FRAME, indexed(COUNTS)),
        (FRAME, COUNTS),
        (FRAME, pl.Series(COUNTS)),
        (pl.DataFrame(X), indexed(COUNTS)),
        (X, indexed(COUNTS)),
        (later, pd.Series(COUNTS)),
        (pd.DataFrame(X, index=pairs), pd.Series(COUNTS, index=pairs)),
        (pd.DataFrame(X, index=[0] * 40), pd.Series(COUNTS, index=[0] * 40)),
    ):
        np.testing.assert_array_equal(GLM("poisson").fit(table, y).parameters_, plain)
    twice = np.repeat(np.arange(20), 2)
    with pytest.raises(ValueError, match=r"labels in another order: in row 0 \S+ for \S+; pass y\.to_numpy\(\)"):
        GLM("poisson").fit(pd.DataFrame(X, index=twice), pd.Series(COUNTS, index=twice[::-1]))


# Labels

DTYPES = ["int8", "uint8", "int32", "int64", "uint64", "float32", "float64", "bool", "<U3", "object", "datetime64[D]"]
WHOLE = np.tile([0, 1, 1, 0, 1], 8)


def labels_of_type(dtype, pair):
    if dtype == "<U3":
        return np.array(["no", "yes"])[WHOLE].astype(dtype)
    if dtype == "object":
        return np.array(["no", "yes"], dtype=object)[WHOLE]
    if dtype == "datetime64[D]":
        return np.array(["2020-01-01", "2021-01-01"], dtype=dtype)[WHOLE]
    if dtype == "bool":
        return WHOLE.astype(bool)
    return np.array(pair)[WHOLE].astype(dtype)


@pytest.mark.parametrize("family", ["bernoulli", "categorical"])
@pytest.mark.parametrize("pair", [(0, 1), (3, 7)], ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_classes_and_predictions_have_the_dtype_of_the_labels_given(family, pair, dtype):
    y = labels_of_type(dtype, pair)
    model = GLM(family).fit(X, y)
    assert model.classes_.dtype == y.dtype
    np.testing.assert_array_equal(model.classes_, np.unique(y))
    assert model.predict(X).dtype == y.dtype
    assert set(model.predict(X).tolist()) <= set(y.tolist())
    assert model.score(X, y) == np.mean(model.predict(X) == y)


SIGNED = np.where(WHOLE == 1, 1, -1)
ONLY_ONE = np.ones(40, dtype=np.int16)


def test_signs_keep_their_dtype_and_so_do_labels_of_which_one_occurs():
    assert GLM("bernoulli").fit(X, SIGNED.astype(np.int8)).classes_.dtype == np.int8
    model = GLM("bernoulli", alpha=1.0, fit_intercept=False).fit(X, ONLY_ONE)
    assert (model.classes_.dtype, model.classes_.tolist()) == (np.int16, [0, 1])


OBJECT_LABELS = [
    ([0, 1], np.int64, [0, 1]),
    ([2, 5], np.int64, [2, 5]),
    ([2.0, 5.0], np.float64, [2.0, 5.0]),
    ([False, True], np.bool_, [False, True]),
    ([Decimal(2), Decimal(5)], np.float64, [2.0, 5.0]),
    (["no", "yes"], object, ["no", "yes"]),
]


@pytest.mark.parametrize("family", ["bernoulli", "categorical"])
@pytest.mark.parametrize(
    ("pair", "dtype", "classes"), OBJECT_LABELS, ids=lambda x: str(x) if isinstance(x, list) else ""
)
def test_objects_that_are_numbers_are_labels_of_the_numbers_own_type(family, pair, dtype, classes):
    y = np.array(pair, dtype=object)[WHOLE]
    model = GLM(family).fit(X, y)
    assert model.classes_.dtype == model.predict(X).dtype == dtype
    assert [(type(label), label) for label in model.classes_.tolist()] == [(type(label), label) for label in classes]
    assert model.score(X, y) == np.mean(model.predict(X) == y)


@pytest.mark.parametrize("library", SERIES)
@pytest.mark.parametrize("family", ["bernoulli", "categorical"])
def test_labels_of_a_series_are_labels_of_its_values(library, family):
    for pair in (["no", "yes"], [3, 7], [False, True]):
        y = np.array(pair)[WHOLE].tolist()
        plain, model = GLM(family).fit(X, y), GLM(family).fit(X, SERIES[library](y))
        assert model.classes_.tolist() == pair
        assert model.predict(X).tolist() == plain.predict(X).tolist()
        np.testing.assert_array_equal(model.parameters_, plain.parameters_)
        assert model.score(X, SERIES[library](y)) == plain.score(X, y)


@pytest.mark.parametrize("library", SERIES)
@pytest.mark.parametrize("family", ["bernoulli", "categorical"])
def test_a_missing_label_of_a_series_is_named_by_row(library, family):
    for pair in (["no", "yes"], [3, 7], [False, True]):
        y = [*np.array(pair)[WHOLE].tolist()[:39], None]
        with pytest.raises(
            ValueError, match=r"(a label in every row|finite numbers) as y, got (nan|None|<NA>) in row 39"
        ):
            GLM(family).fit(X, SERIES[library](y))
    with pytest.raises(ValueError, match="a label in every row as y, got NaT in row 39"):
        GLM(family).fit(X, np.array([*labels_of_type("datetime64[D]", ())[:39], "NaT"], dtype="datetime64[D]"))


def test_labels_that_cannot_be_sorted_are_refused_by_their_types():
    with pytest.raises(TypeError, match="expects labels of one kind as y, got int, str"):
        GLM("categorical").fit(X, np.array([1, "a"] * 20, dtype=object))


GRADES = ["mild", "severe", "critical", "fatal"]
GIVEN = np.array(["critical", "severe", "mild", "severe", "critical"] * 8)
ORDERED = {
    "pandas, a Series": pd.Series(pd.Categorical(GIVEN, categories=GRADES, ordered=True)),
    "pandas, a Categorical": pd.Categorical(GIVEN, categories=GRADES, ordered=True),
    "pandas, an index": pd.CategoricalIndex(GIVEN, categories=GRADES, ordered=True),
    "pandas, a table": pd.DataFrame({"y": pd.Categorical(GIVEN, categories=GRADES, ordered=True)}),
    "polars": pl.Series(GIVEN, dtype=pl.Enum(GRADES)),
    "polars, a table": pl.DataFrame({"y": pl.Series(GIVEN, dtype=pl.Enum(GRADES))}),
    "pyarrow": pa.DictionaryArray.from_arrays([GRADES.index(x) for x in GIVEN], GRADES, ordered=True),
}
SORTED = {
    "pandas": pd.Series(GIVEN, dtype="category"),
    "polars": pl.Series(GIVEN, dtype=pl.Categorical),
    "pyarrow": pa.array(GIVEN).dictionary_encode(),
}


@pytest.mark.parametrize("library", ORDERED)
def test_ordered_categories_keep_their_order_in_classes_and_those_that_do_not_occur_are_left_out(library):
    y = ORDERED[library]
    model, plain = GLM("categorical").fit(X, y), GLM("categorical").fit(X, GIVEN)
    assert model.classes_.tolist() == ["mild", "severe", "critical"]
    assert plain.classes_.tolist() == ["critical", "mild", "severe"]
    np.testing.assert_allclose(model.coef_, plain.coef_[[1, 2, 0]], rtol=1e-9)
    np.testing.assert_allclose(model.predict_proba(X), plain.predict_proba(X)[:, [1, 2, 0]], rtol=1e-9)
    assert model.predict(X).tolist() == plain.predict(X).tolist()
    assert model.score(X, y) == plain.score(X, GIVEN)
    assert model.parameter_names_[0] == "mild: intercept"


@pytest.mark.parametrize("library", SORTED)
def test_categories_without_an_order_are_sorted(library):
    assert GLM("categorical").fit(X, SORTED[library]).classes_.tolist() == ["critical", "mild", "severe"]


@pytest.mark.parametrize("family", ["bernoulli", "binomial"])
def test_of_two_ordered_categories_the_second_is_the_one_that_is_predicted(family):
    for order in ([1, 0], [7, 3], ["yes", "never", "no"]):
        y = np.array([order[-1], order[0]])[WHOLE]
        turned = GLM(family).fit(X, pd.Categorical(y, categories=order, ordered=True))
        np.testing.assert_allclose(turned.parameters_, -GLM(family).fit(X, WHOLE).parameters_, rtol=1e-9)
    assert GLM("bernoulli").fit(X, pd.Categorical([1, 0] * 20, categories=[1, 0], ordered=True)).classes_.tolist() == [
        1,
        0,
    ]


# One offset or exposure for all rows


@pytest.mark.parametrize("number", [0.5, 2, np.float32(0.25), np.array(0.75), Decimal("0.5")], ids=repr)
@pytest.mark.parametrize("what", ["offset", "exposure"])
def test_a_single_offset_or_exposure_is_that_of_every_row(what, number):
    one, all_rows = {what: number}, {what: np.full(40, float(number))}
    model, plain = GLM("poisson").fit(X, COUNTS, **one), GLM("poisson").fit(X, COUNTS, **all_rows)
    np.testing.assert_array_equal(model.parameters_, plain.parameters_)
    assert model.null_deviance_ == plain.null_deviance_
    for name in ("predict", "predict_mean", "decision_function", "predict_interval"):
        np.testing.assert_array_equal(getattr(model, name)(X, **one), getattr(plain, name)(X, **all_rows))
    assert model.score(X, COUNTS, **one) == plain.score(X, COUNTS, **all_rows)
    moved = float(number) if what == "offset" else np.log(float(number))
    np.testing.assert_allclose(model.intercept_ + moved, GLM("poisson").fit(X, COUNTS).intercept_, rtol=1e-9)


def test_a_single_number_that_is_none_is_refused_and_weights_are_one_a_row():
    with pytest.raises(ValueError, match="finite numbers as offset, got nan in row 0"):
        GLM("poisson").fit(X, COUNTS, offset=np.nan)
    with pytest.raises(ValueError, match=r"an exposure above 0, got -1\.0 in row 0"):
        GLM("poisson").fit(X, COUNTS, exposure=-1)
    with pytest.raises(ValueError, match=r"one number a row as sample_weight, got the shape \(\)"):
        GLM("poisson").fit(X, COUNTS, sample_weight=2.0)


# Sparse X

FORMATS = ["bsr", "coo", "csc", "csr", "dia", "dok", "lil"]
HOLES = np.where(RNG.random((40, 4)) < 0.6, 0.0, RNG.integers(1, 5, (40, 4)))


@pytest.mark.parametrize("dtype", [np.float64, np.int32, bool])
@pytest.mark.parametrize("kind", ["array", "matrix"])
@pytest.mark.parametrize("form", FORMATS)
def test_a_sparse_X_gives_the_fit_of_the_dense_one(form, kind, dtype):
    dense = HOLES.astype(dtype)
    thin = getattr(sparse, f"{form}_{kind}")(dense)
    plain, model = GLM("poisson").fit(dense, COUNTS), GLM("poisson").fit(thin, COUNTS)
    np.testing.assert_array_equal(model.parameters_, plain.parameters_)
    np.testing.assert_array_equal(model.predict(thin), plain.predict(dense))
    assert model.score(thin, COUNTS) == plain.score(dense, COUNTS)


@pytest.mark.parametrize("dtype", [np.float64, np.int64])
@pytest.mark.parametrize("form", FORMATS)
def test_a_sparse_X_takes_eight_bytes_an_entry(form, dtype):
    thin = sparse.eye_array(2000, 200, dtype=dtype).asformat(form)
    tracemalloc.start()
    checks.table(thin, "fit()")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 8 * 2000 * 200 <= peak < 1.1 * 8 * 2000 * 200


def test_entries_of_a_sparse_X_that_stand_twice_add_up():
    thin = sparse.coo_array(([1.0, 2.0, 5.0], ([0, 0, 1], [0, 0, 1])), shape=(2, 2))
    assert checks.table(thin, "fit()")[0].tolist() == [[3.0, 0.0], [0.0, 5.0]]


def test_what_is_wrong_in_a_sparse_X_is_said_as_in_a_dense_one():
    bad = HOLES.copy()
    bad[3, 2] = np.nan
    with pytest.raises(ValueError, match="got nan in row 3, column 2"):
        GLM().fit(sparse.csr_array(bad), COUNTS)
    with pytest.raises(TypeError, match=r"expects numbers in X, got complex .* in row 0, column 0"):
        GLM().fit(sparse.csr_array(HOLES * 1j), COUNTS)


def test_scikit_learn_is_told_that_X_may_be_sparse():
    assert get_tags(GLM()).input_tags.sparse


# Weight


def test_arrays_and_lists_need_no_narwhals():
    code = (
        "import sys, numpy, nn\n"
        "nn.GLM('poisson').fit(numpy.arange(3.0)[:, None], [1, 2, 5], [1, 1, 2], offset=0.5).score([[1.0]], [2])\n"
        "sys.exit('narwhals' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
