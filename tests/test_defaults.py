"""The defaults of all that is public, written down once: one that changes is a decision, and changes here too."""

import inspect
import types
from math import inf

import autograd
import nn
from autograd import relu

SEEN = {"focus": None, "radius": 2, "max_nodes": 500}
DRAWN = {"parameters": (), "layout": "auto", "rankdir": "LR", "fmt": ".4g", "expand": (), **SEEN, "theme": "auto"}
BY_FIRST = {"argnums": 0, "wrt": None}
ALL_ROWS = {"offset": None, "exposure": None}
DEFAULTS = {
    "autograd.Drawing.png": {"dpi": 150},
    "autograd.Primitive": {
        "domain": (-inf, inf), "array": "", "raises": False, "commutes": False, "selects": False, "variadic": 0,
        "products": None, "kinks": None, "starts_at_zero": False, "helper": False, "doc": "", "symbol": "", "binds": (),
        "operator": False, "mirrored": None, "also": "", "latex": "", "textbook": (),
    },
    "autograd.Tape": {"inputs": (), "rows": ()},
    "autograd.Tape.source": {"name": "f"},
    "autograd.Value": {"name": None},
    "autograd.Value.backward": {"grad": 1.0},
    "autograd.Value.elu": {"other": 1.0},
    "autograd.Value.leaky_relu": {"other": 0.01},
    "autograd.Value.unknown": {"name": None},
    "autograd.check_grads": {
        "order": 2, "modes": ("forward", "reverse"), "directional": False, "rtol": 1e-6, "atol": 1e-8,
    },
    "autograd.compile": {"rows": (), "reduce": None, "backend": "auto", "threads": 1},
    "autograd.diagnose": {"lines": None},
    "autograd.dot": {"start": 0.0},
    "autograd.draw": DRAWN | {"show": ("names", "data", "grad", "partials"), "collapse": None},
    "autograd.draw_dot": {"parameters": (), "rankdir": "LR", "max_nodes": 500},
    "autograd.elu": {"a": 1.0},
    "autograd.grad": BY_FIRST,
    "autograd.hessian": BY_FIRST,
    "autograd.jacobian": BY_FIRST,
    "autograd.kinks": {"near": (2.0**-52) ** (1 / 3)},
    "autograd.leaky_relu": {"slope": 0.01},
    "autograd.paths": {"most": 10},
    "autograd.play": DRAWN,
    "autograd.steps": {"seed": 1.0},
    "autograd.trace": {"wrt": None, "max_nodes": 1000},
    "autograd.value_and_grad": BY_FIRST,
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
    "nn.MLP": {"activation": relu, "rng": None},
    "nn.Neuron": {"activation": relu, "outputs": 1, "init": None, "fused": True, "rng": None},
    "nn.Training": {"rows": (0, 1), "reduce": "mean", "backend": "auto", "threads": 1},
    "nn.families.Family": {
        "support": (-inf, inf), "link": None, "deviance": None, "targets": "numbers", "labelled": False,
        "distribution": None, "complete": True, "name": "",
    },
    "nn.families.Family.loss": {"link": None, "phi": 1.0},
    "nn.families.Family.unit_deviance": {"phi": 1.0},
    "nn.links.Link": {
        "range": (-inf, inf), "domain": (-inf, inf), "log": None, "log1m": None, "several": False, "cross": None, "name": "",
    },
    "nn.optim.SGD": {"momentum": 0.0, "nesterov": False},
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
                (key, part) for key, part in vars(thing).items() if getattr(part, "__module__", "") == thing.__name__
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
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def test_every_default_is_the_one_that_is_written_down():
    found = {}
    for package in (autograd, nn):
        for name, thing in public(package.__name__, [(name, getattr(package, name)) for name in dir(package)]):
            if given := defaults(thing):
                found[name] = given
    assert found == DEFAULTS
