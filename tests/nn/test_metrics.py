"""Metrics: what scikit-learn answers."""

import numpy as np
import pytest
from sklearn import metrics as theirs

from nn import metrics as ours

RNG = np.random.default_rng(5)
TRUE = RNG.integers(0, 2, 60)
CHANCE = np.clip(0.3 * TRUE + 0.7 * RNG.random(60), 0.0, 1.0).round(2)  # with ties
LABELS = (CHANCE > 0.5).astype(int)
THREE, GUESS = RNG.integers(0, 3, 60), RNG.integers(0, 3, 60)
SHARES = RNG.dirichlet([1.0, 1.0, 1.0], 60)
Y, FIT = RNG.normal(size=60), RNG.normal(size=60)
MEANS = RNG.gamma(2.0, 1.0, 60)
COUNTS = RNG.poisson(MEANS).astype(float)


@pytest.mark.parametrize("name", ["accuracy_score", "precision_score", "recall_score", "f1_score", "confusion_matrix"])
@pytest.mark.parametrize(
    ("true", "given"), [(TRUE, LABELS), (TRUE, 1 - TRUE), (TRUE, TRUE), (np.zeros(4, int), np.zeros(4, int))]
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning", "ignore:A single label")
def test_metrics_of_two_labels(name, true, given):
    more = {"zero_division": 0.0} if name in ("precision_score", "recall_score", "f1_score") else {}
    assert np.all(getattr(ours, name)(true, given) == pytest.approx(getattr(theirs, name)(true, given, **more)))


@pytest.mark.parametrize("name", ["precision_score", "recall_score", "f1_score"])
@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
def test_metrics_of_several_labels(name, average):
    for given in (GUESS, np.where(GUESS == 2, 1, GUESS)):
        expected = getattr(theirs, name)(THREE, given, average=average, zero_division=0.0)
        assert getattr(ours, name)(THREE, given, average=average) == pytest.approx(expected, rel=1e-12)
    assert ours.confusion_matrix(THREE, GUESS).tolist() == theirs.confusion_matrix(THREE, GUESS).tolist()


def test_labels_may_be_text_and_the_positive_one_is_named():
    true, given = np.where(TRUE, "yes", "no"), np.where(LABELS, "yes", "no")
    assert ours.accuracy_score(true, given) == theirs.accuracy_score(true, given)
    assert ours.recall_score(true, given, pos_label="no") == theirs.recall_score(true, given, pos_label="no")
    weights = np.arange(60.0)
    assert ours.accuracy_score(true, given, weights) == pytest.approx(
        theirs.accuracy_score(true, given, sample_weight=weights)
    )


def test_metrics_of_scores_and_probabilities():
    assert ours.roc_auc_score(TRUE, CHANCE) == pytest.approx(theirs.roc_auc_score(TRUE, CHANCE), rel=1e-14)
    for chance in (CHANCE, TRUE.astype(float)):
        assert ours.log_loss(TRUE, chance) == pytest.approx(theirs.log_loss(TRUE, chance), rel=1e-12)
        assert ours.brier_score_loss(TRUE, chance) == pytest.approx(theirs.brier_score_loss(TRUE, chance), rel=1e-12)
    assert ours.log_loss(THREE, SHARES) == pytest.approx(theirs.log_loss(THREE, SHARES), rel=1e-12)
    assert ours.log_loss([0, 2], SHARES[:2]) == pytest.approx(theirs.log_loss([0, 2], SHARES[:2], labels=[0, 1, 2]))
    assert ours.log_loss([-1.0, 1.0], [0.25, 0.5]) == pytest.approx(theirs.log_loss([-1, 1], [0.25, 0.5]))
    assert ours.brier_score_loss([1, 1], [0.5, 1.0]) == pytest.approx(theirs.brier_score_loss([1, 1], [0.5, 1.0]))


@pytest.mark.parametrize("name", ["mean_absolute_error", "mean_squared_error", "root_mean_squared_error", "r2_score"])
def test_metrics_of_numbers(name):
    for y, fit in (
        (Y, FIT),
        (Y.reshape(20, 3), FIT.reshape(20, 3)),
        (np.ones(4), np.ones(4)),
        (np.ones(4), np.arange(4.0)),
    ):
        assert getattr(ours, name)(y, fit) == pytest.approx(getattr(theirs, name)(y, fit), rel=1e-12)
    assert np.isnan(ours.r2_score([1.0], [2.0]))


def test_the_deviance_that_is_explained_is_scikit_learn_s():
    for family, power in (("gaussian", 0), ("poisson", 1), ("gamma", 2)):
        y = COUNTS + (family == "gamma")
        expected = theirs.d2_tweedie_score(y, MEANS, power=power)
        assert ours.deviance_explained(y, MEANS, family) == pytest.approx(expected, rel=1e-12)
    assert ours.deviance_explained(TRUE, np.clip(CHANCE, 0.01, 0.99), "bernoulli") == pytest.approx(
        theirs.d2_log_loss_score(TRUE, np.clip(CHANCE, 0.01, 0.99)), rel=1e-12
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ours.accuracy_score([1, 2], [1]), "as many predictions as observations, got 1 for 2"),
        (lambda: ours.accuracy_score([], []), "at least one row, got none"),
        (lambda: ours.accuracy_score([1], [1], [1, 2]), "as many weights as observations, got 2 for 1"),
        (lambda: ours.f1_score([0, 1, 2], [0, 1, 2]), "f1_score.. got 3 labels: say average='macro'"),
        (lambda: ours.f1_score([0, 1], [0, 1], average="mean"), "average to be 'binary', .*, got 'mean'"),
        (lambda: ours.roc_auc_score([1, 1], [0.1, 0.2]), "two labels, got 1"),
        (lambda: ours.log_loss([0, 1, 2], [[0.5, 0.5]] * 3), "a probability for each of 3 labels, got 2"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_columns_of_one_are_columns_and_other_shapes_are_refused():
    assert ours.mean_squared_error([1, 2, 3], [[1], [2], [3]]) == 0.0
    assert ours.r2_score([[1], [2], [3]], [1, 2, 3]) == 1.0
    for name in ("mean_squared_error", "r2_score", "roc_auc_score", "brier_score_loss", "accuracy_score", "f1_score"):
        with pytest.raises(ValueError, match="predictions of the shape of the observations"):
            getattr(ours, name)([0, 1], [[0.5, 0.5], [0.5, 0.5]])
    with pytest.raises(TypeError, match=r"accuracy_score\(\) expects lists or arrays, got int and list"):
        ours.accuracy_score(1, [1])


def test_two_labels_are_told_also_where_only_one_is_there():
    assert ours.log_loss([-1, -1], [0.1, 0.1]) == pytest.approx(-np.log(0.9))
    assert ours.brier_score_loss([-1, -1], [0.1, 0.1]) == pytest.approx(0.01)
    assert ours.brier_score_loss(["a", "b"], [0.5, 1.0]) == 0.125
    with pytest.raises(ValueError, match="two labels, got 3"):
        ours.brier_score_loss([0, 1, 2], [0.5, 0.5, 0.5])
    assert ours.deviance_explained([1.0, 1.0], [1.0, 2.0]) == 0.0
    assert ours.deviance_explained([1.0, 1.0], [1.0, 1.0]) == 1.0
