"""Data sets and splits: seeded, drawn, of the sizes that were asked for."""

import numpy as np
import pandas as pd
import pytest

from nn import datasets

MAKERS = [
    datasets.two_moons,
    datasets.circles,
    datasets.spirals,
    datasets.xor,
    datasets.blobs,
    datasets.sine,
    datasets.steps,
]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_seed_gives_the_same_rows_and_another_one_others(make):
    (X, y), (again, same), (other, _) = make(40, rng=1), make(40, rng=1), make(40, rng=2)
    assert X.shape[0] == len(y) == 40
    assert np.array_equal(X, again)
    assert np.array_equal(y, same)
    noisy = make(40, noise=0.5, rng=1)[0] if make not in (datasets.blobs,) else other
    third = make(40, noise=0.5, rng=np.random.default_rng(2))[0] if make not in (datasets.blobs,) else X
    assert make in (datasets.sine, datasets.steps) or not np.array_equal(noisy, third)
    for bad, error in ((0, ValueError), (1.5, TypeError), (True, TypeError)):
        with pytest.raises(error, match=rf"{make.__name__}\(\) expects"):
            make(bad)


def test_both_moons_and_circles_have_their_shapes():
    X, y = datasets.two_moons(101, noise=0.0)
    assert (y == 0).sum() == 51
    assert np.allclose(np.hypot(*X[y == 0].T), 1.0)
    assert np.allclose(np.hypot(*(X[y == 1] - [1.0, 0.5]).T), 1.0)
    X, y = datasets.circles(31, noise=0.0, factor=0.25)
    assert np.allclose(np.hypot(*X.T), np.where(y, 0.25, 1.0))


def test_a_split_is_drawn_and_covers_all_rows():
    first, second = datasets.split(50, 0.2, rng=3)
    assert len(second) == 10
    assert sorted([*first, *second]) == list(range(50))
    assert second.max() < 49 or second.min() < 40
    labels = np.repeat(["a", "b", "c"], [5, 15, 30])
    _, second = datasets.split(50, 0.2, rng=3, labels=labels)
    assert np.unique(labels[second], return_counts=True)[1].tolist() == [1, 3, 6]
    assert [len(part) for part in datasets.split(2, 0.01)] == [1, 1]


def test_parts_keep_the_kind_of_what_is_split():
    X, y = np.arange(20.0).reshape(10, 2), list(range(10))
    X_train, X_test, y_train, y_test = datasets.train_test_split(pd.DataFrame(X), y, test=0.3)
    assert isinstance(X_test, pd.DataFrame)
    assert X_test[0].tolist() == [2.0 * k for k in y_test]
    assert len(y_train) == len(X_train) == 7
    arrays = datasets.train_test_split(X, np.array(y), test=0.3)
    assert arrays[1].tolist() == X_test.to_numpy().tolist()


def test_batches_cover_all_rows_once_shuffled_anew_by_a_generator():
    rng = np.random.default_rng(0)
    first, second = datasets.minibatches(10, 4, rng), datasets.minibatches(10, 4, rng)
    assert sorted(np.concatenate(first)) == list(range(10))
    assert not np.array_equal(first[0], second[0])
    assert [b.tolist() for b in datasets.minibatches(5, 2, shuffle=False)] == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: datasets.split(10, 1.0), ValueError, "a share between 0 and 1, got 1.0"),
        (lambda: datasets.split(10, "a"), TypeError, "a share that is a number, got str"),
        (lambda: datasets.split(1, 0.5), ValueError, "at least 2 rows, got 1"),
        (lambda: datasets.train_test_split([1, 2], [1]), ValueError, "as many observations as rows, got 1 for 2"),
        (lambda: datasets.minibatches(5, 0), ValueError, "a size of at least 1, got 0"),
        (lambda: datasets.minibatches(5, 1.5), TypeError, "a size that is an int, got float"),
        (lambda: datasets.xor(4, rng="a"), TypeError, "rng to be an int or a NumPy Generator, got str"),
    ],
)
def test_bad_input_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_real_tables_are_what_others_have():
    from sklearn.datasets import load_iris

    expected = load_iris(return_X_y=True)
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(datasets.iris(), expected, strict=True))
    X, y = datasets.challenger()
    assert X[y == 1, 0].tolist() == [70.0, 57.0, 63.0, 70.0, 53.0, 75.0, 58.0]
