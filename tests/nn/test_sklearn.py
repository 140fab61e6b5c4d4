"""GLM and NeuralGLM in scikit-learn: its own checks of an estimator, tags, the error before a fit, and metadata routing."""

import inspect
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator

import nn
from nn import GLM, NeuralGLM, families
from nn.regression.estimator import Estimator

DEPEND = "columns that depend on others, here more columns than rows, are refused by name"
WORDS = "the error is right, in words of our own"
OF_ALL = {
    "check_n_features_in_after_fitting": WORDS,
    "check_sample_weight_equivalence_on_dense_data": DEPEND,
    "check_sample_weight_equivalence_on_sparse_data": DEPEND,
    "check_complex_data": "an entry that is no real number is a TypeError, as any other type is, and no ValueError",
    "check_dtype_object": WORDS,
    "check_estimators_empty_data_messages": "X without columns is a model of the intercept alone",
    "check_supervised_y_2d": "y as one column means the same as y as a list, and needs no warning",
}
ONE_ROW = {"check_fit2d_1sample": "of one row all columns are constant: " + DEPEND}
OF_REGRESSORS = {"check_regressors_no_decision_function": "the linear predictor of a regression is worth asking for"}
OF_BINARY = {
    "check_classifiers_regression_target": "shares between 0 and 1 are observations of a Bernoulli family",
    "check_classifiers_one_label_sample_weights": "the rows with a weight are too few for the columns: " + DEPEND,
}
FAMILIES = {
    "gaussian": OF_ALL | ONE_ROW | OF_REGRESSORS,
    "poisson": OF_ALL | ONE_ROW | OF_REGRESSORS,
    "gamma": OF_ALL | ONE_ROW | OF_REGRESSORS,
    "bernoulli": OF_ALL | ONE_ROW | OF_BINARY,
    "categorical": OF_ALL,
}

RNG = np.random.default_rng(3)
X = RNG.normal(size=(60, 2))
YEARS = RNG.uniform(0.5, 4.0, 60)
COUNTS = RNG.poisson(YEARS * np.exp(0.5 * X[:, 0]))
WEIGHTS = RNG.uniform(0.5, 2.0, 60)
METADATA = {"sample_weight": WEIGHTS, "offset": 0.1 * X[:, 1], "exposure": YEARS}
ROUTED = ("sample_weight", "offset", "exposure")


NO_COLUMNS = {"check_estimators_empty_data_messages": WORDS}
OF_NETWORKS = {  # of fewer columns than rows or not, a network has a best fit
    name: why for name, why in OF_ALL.items() if "sample_weight" not in name
} | NO_COLUMNS
MODELS = {
    **{family: (GLM(family), failing) for family, failing in FAMILIES.items()},
    "network, bernoulli": (
        NeuralGLM("bernoulli", hidden=(4,), alpha=0.1),
        OF_NETWORKS | {"check_classifiers_regression_target": OF_BINARY["check_classifiers_regression_target"]},
    ),
    "network, categorical": (NeuralGLM("categorical", hidden=(4,), alpha=0.1), OF_NETWORKS),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.no_cover if "network" in name else ()) for name in MODELS]
)
def test_scikit_learns_checks_hold_but_for_those_of_the_table(name):
    model, failing = MODELS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(model, expected_failed_checks=failing, on_skip=None, on_fail=None)
    assert len(results) > 40
    failed = [(r["check_name"], str(r["exception"])) for r in results if r["status"] == "failed"]
    assert not failed
    held = {r["check_name"] for r in results if r["status"] == "passed" and r["expected_to_fail"]}
    assert not held, "these hold now: strike them from the table"


@pytest.mark.parametrize("family", [*families.FAMILIES.values(), families.Tweedie(1.5)], ids=lambda f: f.name)
def test_tags_say_what_y_may_be(family):
    tags = get_tags(GLM(family))
    labelled = family in (families.Bernoulli, families.Categorical)
    assert tags.estimator_type == ("classifier" if labelled else "regressor")
    assert (tags.classifier_tags is not None) == labelled
    assert (tags.regressor_tags is None) == labelled
    assert tags.input_tags.sparse
    assert tags.target_tags.required
    if labelled:
        assert tags.classifier_tags.multi_class == (family is families.Categorical)
        assert not tags.target_tags.positive_only
        return
    y = np.where(X[:, 0] > 0.3 * X[:, 1] + RNG.normal(size=60), 1.0, -1.0)  # of two classes: labels
    try:
        GLM(family).fit(X, y)
        refused = False
    except ValueError as error:
        refused = "expects y in" in str(error)
    assert tags.target_tags.positive_only == refused


@pytest.mark.parametrize("family", [*families.FAMILIES], ids=str)
def test_predict_proba_is_there_where_a_family_has_labels(family):
    model = GLM(family)
    assert hasattr(model, "predict_proba") == families.FAMILIES[family].labelled
    if not families.FAMILIES[family].labelled:
        with pytest.raises(AttributeError, match=rf"GLM.predict_proba\(\) is for .* {family}> has none: predict\(\)"):
            model.predict_proba(X)


@pytest.mark.parametrize("family", ["bernouli", "tweedie", None, []])
def test_a_wrong_family_has_no_probabilities_and_the_error_says_why(family):
    assert not hasattr(GLM(family), "predict_proba")
    with pytest.raises(AttributeError, match="family"):
        GLM(family).predict_proba(X)


def test_predict_proba_keeps_its_signature_and_its_docstring():
    assert list(inspect.signature(GLM.predict_proba).parameters) == ["self", "X", "offset", "exposure"]
    method = GLM("bernoulli").predict_proba
    assert list(inspect.signature(method).parameters) == ["X", "offset", "exposure"]
    assert method.__doc__ == GLM.predict_proba.__doc__
    assert method.__doc__.startswith("Return the probability of each class")


def test_predict_proba_goes_by_the_family_of_the_fit():
    model = GLM("bernoulli").fit(X, COUNTS > 0)
    assert model.set_params(family="poisson").predict_proba(X).shape == (60, 2)
    assert not hasattr(model.fit(X, COUNTS), "predict_proba")


BEFORE = ["predict", "predict_mean", "decision_function", "predict_proba", "predict_interval"]


@pytest.mark.parametrize("method", [*BEFORE, "score", "cov_params", "summary", "residuals"])
def test_before_a_fit_the_error_is_ours_and_theirs(method):
    arguments = (X,) if method in BEFORE else (X, COUNTS) if method == "score" else ()
    with pytest.raises(nn.NotFittedError, match="not fitted yet") as told:
        getattr(GLM("bernoulli"), method)(*arguments)
    assert isinstance(told.value, NotFittedError)
    assert type(told.value) is type(nn.NotFittedError("once"))


def test_the_error_is_pickled():
    error = nn.NotFittedError("said")
    error.more = 1
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, NotFittedError)
    assert (type(again), again.args, again.more) == (type(error), ("said",), 1)


def test_the_error_needs_no_scikit_learn():
    code = (
        "import pickle, sys, nn\n"
        "error = pickle.loads(pickle.dumps(nn.NotFittedError('said')))\n"
        "assert type(error) is nn.NotFittedError and error.args == ('said',)\n"
        "try:\n    nn.GLM().predict([[1.0]])\nexcept nn.NotFittedError:\n    sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_another_model_has_the_same_habits_under_its_own_name():
    class Mine(Estimator):
        def __init__(self, family="gaussian", knots=3):
            self.family, self.knots = family, knots

        def fit(self, X, y):
            return self

    assert repr(clone(Mine(knots=5))) == "Mine(knots=5)"
    assert Mine().get_metadata_routing().predict.requests == {}
    with pytest.raises(ValueError, match=r"Mine.set_params\(\) got 'alpha'; the parameters are family, knots"):
        Mine().set_params(alpha=1.0)
    with pytest.raises(TypeError, match="abstract"):
        Estimator()


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def asking():
    """A model that wants all there is, in each of its methods."""
    wanted = dict.fromkeys(ROUTED, True)
    model = GLM("poisson").set_fit_request(**wanted).set_score_request(**wanted)
    return model.set_predict_request(offset=True, exposure=True)


def by_hand(cv):
    """The scores of the folds, each fitted and scored with its share of the metadata."""
    for train, test in cv.split(X):
        model = GLM("poisson").fit(X[train], COUNTS[train], **{k: v[train] for k, v in METADATA.items()})
        yield model.score(X[test], COUNTS[test], **{k: v[test] for k, v in METADATA.items()})


def test_cross_validation_hands_weights_offsets_and_exposures_on(routing):
    cv = KFold(3)
    expected = list(by_hand(cv))
    found = cross_validate(asking(), X, COUNTS, cv=cv, params=METADATA)["test_score"]
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    search = GridSearchCV(asking(), {"alpha": [0.0]}, cv=cv).fit(X, COUNTS, **METADATA)
    assert search.best_score_ == pytest.approx(np.mean(expected), rel=1e-10)


def test_a_pipeline_hands_weights_offsets_and_exposures_on(routing):
    scaler = StandardScaler().set_fit_request(sample_weight=False)
    pipe = make_pipeline(scaler, asking()).fit(X, COUNTS, **METADATA)
    scaled = StandardScaler().fit_transform(X)
    model = GLM("poisson").fit(scaled, COUNTS, **METADATA)
    np.testing.assert_allclose(pipe[-1].coef_, model.coef_, rtol=1e-9)
    new = {"offset": METADATA["offset"], "exposure": YEARS}
    np.testing.assert_allclose(pipe.predict(X, **new), model.predict(scaled, **new), rtol=1e-9)
    assert pipe.score(X, COUNTS, **METADATA) == pytest.approx(model.score(scaled, COUNTS, **METADATA), rel=1e-9)


@pytest.mark.parametrize("method", ["predict_proba", "decision_function"])
def test_the_other_predictions_of_a_pipeline_take_an_offset_too(routing, method):
    offset, labels = RNG.normal(size=(60, 3)), RNG.choice(["a", "b", "c"], 60)
    model = getattr(GLM("categorical").set_fit_request(offset=True), f"set_{method}_request")(offset="shift")
    pipe = make_pipeline(StandardScaler(), model).fit(X, labels, offset=offset)
    direct = getattr(pipe[-1], method)(pipe[0].transform(X), offset=offset)
    np.testing.assert_array_equal(getattr(pipe, method)(X, shift=offset), direct)


def test_what_nobody_asked_for_is_an_error_and_a_clone_keeps_what_was(routing):
    with pytest.raises(ValueError, match="GLM"):
        cross_validate(GLM("poisson"), X, COUNTS, params={"exposure": YEARS}, error_score="raise")
    model = GLM("poisson").set_fit_request(exposure="years", offset=False)
    asked = clone(model).get_metadata_routing().fit.requests
    assert asked == {"sample_weight": None, "offset": False, "exposure": "years"}
    assert model.get_metadata_routing().predict.requests == {"offset": None, "exposure": None}
    with pytest.raises(
        TypeError, match=r"GLM.set_predict_request\(\) got 'sample_weight'; what predict\(\) can be .* is"
    ):
        model.set_predict_request(sample_weight=True)


def test_requests_need_the_routing_to_be_on():
    with pytest.raises(RuntimeError, match=r"GLM.set_fit_request\(\) needs sklearn.set_config"):
        GLM().set_fit_request(sample_weight=True)
