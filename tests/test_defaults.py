"""The defaults of all that is public, written down once: one that changes is a decision, and changes here too."""

import inspect
import types
from math import inf, nan

import autograd
import nn
from autograd import relu
from nn.training.history import REPORTS

SEEN = {"focus": None, "radius": 2, "max_nodes": 500}
DRAWN = {"parameters": (), "layout": "auto", "rankdir": "LR", "fmt": ".4g", "expand": (), **SEEN, "theme": "auto"}
BY_FIRST = {"argnums": 0, "wrt": None}
ALL_ROWS = {"offset": None, "exposure": None}
DEFAULTS = {
    "autograd.Drawing.png": {"dpi": 150},
    "autograd.Primitive": {
        "domain": (-inf, inf), "array": "", "raises": False, "commutes": False, "selects": False, "variadic": 0,
        "products": None, "kinks": None, "starts_at_zero": False, "helper": False, "doc": "", "symbol": "", "binds": (),
        "operator": False, "mirrored": None, "also": "", "latex": "", "textbook": (), "exact": "",
    },
    "autograd.Tape": {"inputs": (), "rows": ()},
    "autograd.Tape.source": {"name": "f"},
    "autograd.Value": {"name": None},
    "autograd.Value.backward": {"grad": 1.0},
    "autograd.Value.elu": {"other": 1.0},
    "autograd.Value.leaky_relu": {"other": 0.01},
    "autograd.Value.unknown": {"name": None},
    "autograd.check_grads": {
        "order": 2, "modes": ("forward", "reverse"), "directional": None, "rtol": 1e-6, "atol": 1e-8, "gradient": None, "kinks": False,
    },
    "autograd.Verdict": {"ulps": nan, "rate": inf, "what": "derivatives"},
    "autograd.compile": {"rows": (), "reduce": None, "backend": "auto", "threads": 1},
    "autograd.diagnose": {"lines": None},
    "autograd.dot": {"start": 0.0},
    "autograd.Diagram.stage": {"formula": ""},
    "autograd.Diagram.unit": {"slope": None, "title": "", "first": False},
    "autograd.Diagram.wire": {"weight": None, "slope": None, "name": ""},
    "autograd.draw": DRAWN | {"x": None, "y": None, "loss": None, "show": ("names", "data", "grad", "partials"), "collapse": None},
    "autograd.draw_dot": {"parameters": (), "rankdir": "LR", "max_nodes": 500},
    "autograd.elu": {"a": 1.0},
    "autograd.grad": BY_FIRST | {"has_aux": False},
    "autograd.hessian": BY_FIRST,
    "autograd.jacobian": BY_FIRST,
    "autograd.kinks": {"near": (2.0**-52) ** (1 / 3)},
    "autograd.leaky_relu": {"slope": 0.01},
    "autograd.paths": {"most": 10},
    "autograd.play": DRAWN,
    "autograd.steps": {"seed": 1.0},
    "autograd.trace": {"wrt": None, "max_nodes": 1000},
    "autograd.value_and_grad": BY_FIRST | {"has_aux": False},
    "nn.GAM": {
        "terms": (), "family": "gaussian", "link": None, "lam": "reml", "fit_intercept": True, "threads": 1, "keep_rows": False,
    },
    **{f"nn.GAM.{method}": kind for method, kind in (
        ("conf_int", {"level": 0.95, "kind": None}), ("cov_params", {"kind": None}), ("standard_errors", {"kind": None}),
        ("residuals", {"kind": "deviance"}), ("summary", {"kind": None, "level": 0.95}), ("get_params", {"deep": True}),
        ("graph", {"y": None}), ("partial_effect", {"level": 0.95, "resolution": 100, "label": None}), ("sensitivity", {"resolution": 100, "label": None}),
        ("fit", {"sample_weight": None, **ALL_ROWS}), ("predict", {**ALL_ROWS, "terms": False}), ("predict_mean", ALL_ROWS),
        ("predict_proba", ALL_ROWS), ("decision_function", ALL_ROWS), ("score", {"sample_weight": None, **ALL_ROWS}),
        ("predict_interval", {"level": 0.95, "of": "mean", "kind": None, **ALL_ROWS}),
    )},
    "nn.smooths.Smooth": {"lam": None},
    **{f"nn.smooths.{kind}.made": {"weights": None, "order": None} for kind in ("Term", "Basis", "Smooth", "Straight", "Factor", "Curve")},
    "nn.smooths.Curve": {"starts": 1, "called": None},
    "nn.smooths.fn": {"bounds": None, "starts": 1, "name": None},
    "nn.smooths.Piece": {"penalty": None, "free": 0, "inside": (-inf, inf), "knots": None, "turned": None, "levels": None, "at": None},
    "nn.smooths.s": {"n_basis": 10, "degree": 3, "order": 2, "penalty": "difference", "knots": None, "lam": None},
    "nn.GLM": {
        "family": "gaussian", "link": None, "alpha": 0.0, "l1_ratio": 0.0, "fit_intercept": True, "solver": "auto",
        "max_iter": 100, "tol": 1e-8, "threads": 1, "keep_rows": False,
    },
    "nn.GLM.conf_int": {"level": 0.95, "kind": None},
    "nn.GLM.cov_params": {"kind": None},
    "nn.GLM.decision_function": ALL_ROWS,
    "nn.GLM.fit": {"sample_weight": None, **ALL_ROWS},
    "nn.GLM.get_params": {"deep": True},
    "nn.GLM.graph": {"y": None, "offset": 0.0},
    "nn.GLM.predict": ALL_ROWS,
    "nn.GLM.predict_interval": {"level": 0.95, "of": "mean", "kind": None, **ALL_ROWS},
    "nn.GLM.predict_mean": ALL_ROWS,
    "nn.GLM.predict_proba": ALL_ROWS,
    "nn.GLM.residuals": {"kind": "deviance"},
    "nn.GLM.score": {"sample_weight": None, **ALL_ROWS},
    "nn.GLM.standard_errors": {"kind": None},
    "nn.GLM.summary": {"kind": None, "level": 0.95},
    "nn.Layer": {"activation": relu, "rng": None},
    "nn.Neuron.of": {"activation": None, "bias": 0.0},
    "nn.NeuralGLM": {
        "family": "gaussian", "link": None, "hidden": (16,), "activation": "tanh", "alpha": 0.0, "dropout": 0.0, "optimizer": None,
        "epochs": 1000, "batch_size": None, "validation": None, "patience": 20, "rng": 0, "threads": 1, "keep_rows": False,
    },
    "nn.NeuralGLM.decision_function": ALL_ROWS,
    "nn.NeuralGLM.fit": {"sample_weight": None, **ALL_ROWS},
    "nn.NeuralGLM.get_params": {"deep": True},
    "nn.NeuralGLM.graph": {"y": None, "offset": 0.0},
    "nn.NeuralGLM.predict": ALL_ROWS,
    "nn.NeuralGLM.predict_mean": ALL_ROWS,
    "nn.NeuralGLM.predict_proba": ALL_ROWS,
    "nn.NeuralGLM.score": {"sample_weight": None, **ALL_ROWS},
    "nn.Standardize": {"sample_weight": None},
    "nn.MLP": {"activation": relu, "rng": None, "dropout": 0.0},
    "nn.Neuron": {"activation": relu, "outputs": 1, "init": None, "fused": True, "rng": None},
    "nn.Training": {
        "rows": (0, 1), "reduce": "mean", "backend": "auto", "threads": 1, "clip": None, "constraint": None, "has_aux": False,
        "compiled": True,
    },
    "nn.families.Family": {
        "support": (-inf, inf), "link": None, "deviance": None, "targets": "numbers", "labelled": False,
        "distribution": None, "complete": True, "name": "", "formula": "",
    },
    "nn.families.Family.loss": {"link": None, "phi": 1.0},
    "nn.families.Family.unit_deviance": {"phi": 1.0},
    "nn.links.Link": {
        "range": (-inf, inf), "domain": (-inf, inf), "log": None, "log1m": None, "several": False, "cross": None, "name": "", "formula": "",
    },
    "nn.optim.SGD": {"momentum": 0.0, "nesterov": False, "dampening": 0.0, "weight_decay": 0.0},
    "nn.EarlyStopping": {"patience": 10, "min_delta": 0.0},
    "nn.History": {"best": None, "stopped": "", "reported": REPORTS["running"]},
    "nn.History.plot": {"ax": None},
    "nn.datasets.two_moons": {"n": 100, "noise": 0.1, "rng": 0},
    "nn.datasets.circles": {"n": 100, "noise": 0.05, "factor": 0.5, "rng": 0},
    "nn.datasets.spirals": {"n": 150, "classes": 3, "noise": 0.1, "turns": 0.75, "rng": 0},
    "nn.datasets.xor": {"n": 4, "noise": 0.0, "rng": 0},
    "nn.datasets.blobs": {"n": 100, "centers": 3, "spread": 1.0, "features": 2, "rng": 0},
    "nn.datasets.sine": {"n": 100, "noise": 0.1, "rng": 0},
    "nn.datasets.steps": {"n": 100, "levels": (0.0, 1.0, -0.5, 0.5), "noise": 0.0, "rng": 0},
    "nn.datasets.split": {"rng": 0, "labels": None},
    "nn.datasets.train_test_split": {"test": 0.25, "rng": 0, "stratify": False},
    "nn.datasets.minibatches": {"rng": 0, "shuffle": True},
    "nn.fit": {"y": None, "epochs": 100, "batch_size": None, "shuffle": True, "rng": 0, "validation": None, "stratify": False, "sample_weight": None, "metrics": (), "penalty": None, "constraint": None, "clip": None, "schedule": None, "callbacks": (), "report": "running", "history": None, "compiled": "auto", "backend": "auto", "threads": 1, "progress": True},
    "nn.losses.Reading": {"link": None, "middle": 0.0, "labels": True, "logits": False, "family": None, "formula": ""},
    "nn.losses.huber": {"delta": 1.0},
    "nn.losses.binary_cross_entropy": {"smoothing": 0.0, "class_weight": None},
    "nn.losses.binary_cross_entropy_with_logits": {"smoothing": 0.0, "class_weight": None},
    "nn.losses.cross_entropy": {"smoothing": 0.0, "class_weight": None},
    "nn.losses.cross_entropy_with_logits": {"smoothing": 0.0, "class_weight": None},
    "nn.losses.gamma_nll": {"dispersion": 1.0},
    "nn.losses.gaussian_nll": {"variance": 1.0},
    "nn.losses.risk": {"loss": nn.losses.squared_error, "reduce": "mean", "sample_weight": None},
    "nn.lr_curve": {"low": 1e-06, "high": 1.0, "steps": 100, "batch_size": None, "rng": 0},
    "nn.metrics.accuracy_score": {"sample_weight": None},
    "nn.metrics.precision_score": {"average": "binary", "pos_label": 1},
    "nn.metrics.recall_score": {"average": "binary", "pos_label": 1},
    "nn.metrics.f1_score": {"average": "binary", "pos_label": 1},
    "nn.metrics.deviance_explained": {"family": "gaussian"},
    "nn.noise": {"rng": None},
    "nn.optim.LBFGS": {"memory": 10},
    "nn.optim.Adagrad": {"lr": 0.01, "lr_decay": 0.0, "weight_decay": 0.0, "initial_accumulator_value": 0.0, "eps": 1e-10},
    "nn.optim.Adam": {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-08, "weight_decay": 0.0, "amsgrad": False},
    "nn.optim.AdamW": {"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-08, "weight_decay": 0.01, "amsgrad": False},
    "nn.optim.Lion": {"lr": 0.0001, "betas": (0.9, 0.99), "weight_decay": 0.0},
    "nn.optim.RMSprop": {"lr": 0.01, "alpha": 0.99, "eps": 1e-08, "weight_decay": 0.0, "momentum": 0.0, "centered": False},
    "nn.optim.Constant": {"per": "epoch"},
    "nn.optim.Cosine": {"low": 0.0, "per": "epoch"},
    "nn.optim.Exponential": {"per": "epoch"},
    "nn.optim.Linear": {"start": 1.0, "end": 0.0, "per": "epoch"},
    "nn.optim.Plateau": {"gamma": 0.1, "patience": 10, "threshold": 0.0001, "low": 0.0, "per": "epoch"},
    "nn.optim.Step": {"gamma": 0.1, "per": "epoch"},
    "nn.optim.WarmUp": {"then": nn.optim.Constant(), "per": "epoch"},
    "nn.penalties.ElasticNet": {"l1_ratio": 0.5, "of": nn.penalties.weights},
    "nn.penalties.L1": {"of": nn.penalties.weights},
    "nn.penalties.L2": {"of": nn.penalties.weights},
    "nn.penalties.MaxNorm": {"of": nn.penalties.weights},
    "nn.plots.activations": {"names": ("relu", "tanh", "sigmoid"), "ax": None},
    "nn.plots.decision_boundary": {"ax": None, "threshold": None, "resolution": 60},
    "nn.plots.links": {"names": ("logit", "probit", "cloglog", "loglog", "cauchit"), "ax": None},
    "nn.plots.loss_curve": {"ax": None},
    "nn.plots.partial_effects": {"feature": 0, "ax": None, "resolution": 60, "individual": 0},
}  # fmt: skip


def public(where, names_and_things):
    """Each public function, class and method with its full name."""
    for name, thing in names_and_things:
        if isinstance(thing, types.ModuleType):
            own = [
                (key, part)
                for key, part in vars(thing).items()
                if (getattr(part, "__module__", None) or "").startswith(thing.__name__)
            ]
            yield from public(f"{where}.{name}", [(key, part) for key, part in own if not key.startswith("_")])
        elif callable(thing):
            yield f"{where}.{name}", thing
            if isinstance(thing, type):
                for key, method in inspect.getmembers(thing, callable):
                    ours = getattr(method, "__module__", None) or ""
                    if not key.startswith("_") and ours.partition(".")[0] in ("autograd", "nn"):
                        yield f"{where}.{name}.{key}", method


def defaults(thing):
    """The defaults of a callable by its parameters' names; none of exceptions, which take what Python's do."""
    if isinstance(thing, type) and issubclass(thing, (Exception, str)):
        return {}
    parameters = inspect.signature(thing).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty and repr(p.default) != "<factory>"}


def test_every_default_is_the_one_that_is_written_down():
    found = {}
    for package in (autograd, nn):
        for name, thing in public(package.__name__, [(name, getattr(package, name)) for name in dir(package)]):
            if given := defaults(thing):
                found[name] = given
    assert found == DEFAULTS
