"""Ask PyTorch and JAX, and write their answers down: python tests/peers/record.py FILE.

Runs in an environment of its own (`make peers`), which this project is not part of. The answers are committed in
answers.json, so that the tests need neither.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import torch
from jax.scipy import special as jsp
from torch.nn import functional as F

sys.path.append(str(Path(__file__).parents[1] / "support"))
import training_cases as asked
from structures import CASES, made, told

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)

POINTS = {1: [[0.3], [0.75], [1.7], [-0.8]], 2: [[0.3, 0.7], [1.7, 2.0], [-0.8, 1.5]]}
TORCH = {
    "exp": torch.exp, "log": torch.log, "log1p": torch.log1p, "expm1": torch.expm1, "sqrt": torch.sqrt,
    "sin": torch.sin, "cos": torch.cos, "tan": torch.tan, "asin": torch.asin, "acos": torch.acos,
    "atan": torch.atan, "sinh": torch.sinh, "cosh": torch.cosh, "tanh": torch.tanh, "asinh": torch.asinh,
    "acosh": torch.acosh, "atanh": torch.atanh, "erf": torch.erf, "erfc": torch.erfc, "abs": torch.abs,
    "norm_cdf": torch.special.ndtr, "log_ndtr": torch.special.log_ndtr, "ndtri": torch.special.ndtri,
    "lgamma": torch.lgamma, "digamma": torch.digamma, "sigmoid": torch.sigmoid, "logsigmoid": F.logsigmoid,
    "softplus": F.softplus, "logit": torch.logit, "relu": F.relu, "leaky_relu": F.leaky_relu, "elu": F.elu,
    "silu": F.silu, "gelu": F.gelu, "sign": torch.sign, "floor": torch.floor, "ceil": torch.ceil,
    "add": torch.add, "sub": torch.sub, "mul": torch.mul, "truediv": torch.true_divide, "pow": torch.pow,
    "atan2": torch.atan2, "hypot": torch.hypot, "maximum": torch.maximum, "minimum": torch.minimum,
    "logaddexp": torch.logaddexp, "xlogy": torch.special.xlogy, "xlog1py": torch.special.xlog1py,
}  # fmt: skip
JAX = {
    "exp": jnp.exp, "log": jnp.log, "tanh": jnp.tanh, "abs": jnp.abs, "sqrt": jnp.sqrt, "asinh": jnp.arcsinh,
    "norm_cdf": jsp.ndtr, "log_ndtr": jsp.log_ndtr, "ndtri": jsp.ndtri, "digamma": jsp.digamma, "lgamma": jsp.gammaln,
    "sigmoid": jax.nn.sigmoid, "softplus": jax.nn.softplus, "relu": jax.nn.relu, "silu": jax.nn.silu,
    "gelu": lambda x: jax.nn.gelu(x, approximate=False), "pow": jnp.power, "atan2": jnp.arctan2, "hypot": jnp.hypot,
    "maximum": jnp.maximum, "logaddexp": jnp.logaddexp, "xlogy": jsp.xlogy,
}  # fmt: skip
INF, NAN = float("inf"), float("nan")
# What docs/semantics.md says of the peers.
EDGES = {
    "torch": {"relu at nan": (F.relu, [NAN]), "silu at inf": (F.silu, [INF]), "gelu at -inf": (F.gelu, [-INF])},
    "jax": {"abs at 0": (jnp.abs, [0.0]), "silu at inf": (jax.nn.silu, [INF]), "gelu at -inf": (JAX["gelu"], [-INF])},
}


def by_torch(f, args):
    """Value and slopes."""
    leaves = [torch.tensor(x, requires_grad=True) for x in args]
    y = f(*leaves)
    y.backward()
    return y.item(), [0.0 if leaf.grad is None else leaf.grad.item() for leaf in leaves]


def by_jax(f, args):
    """Value and slopes."""
    y, slopes = jax.value_and_grad(f, argnums=tuple(range(len(args))))(*args)
    return float(y), [float(d) for d in slopes]


def primitives(table, ask):
    """For each name, the arguments, the value and the slopes at each point where the value is a number."""
    found = {}
    for name, f in table.items():
        for args in POINTS[takes(f, ask)]:
            value, slopes = ask(f, args)
            if value == value:
                found.setdefault(name, []).append([args, value, slopes])
    return found


def takes(f, ask):
    """How many arguments a function needs."""
    try:
        ask(f, [0.5])
    except TypeError:
        return 2
    return 1


def edges(table, ask):
    """The value and slopes at each edge; JSON has no nan, so they are strings."""
    return {what: [repr(part) for part in ask(f, args)] for what, (f, args) in table.items()}


def losses():
    """Losses with their gradients by the logits."""
    z = [0.5, -1.25, 2.0]
    cases = {}
    for target in (0.0, 1.0, 0.25):
        f = lambda x, t=target: F.binary_cross_entropy_with_logits(x, torch.tensor(t))  # noqa: E731
        cases[f"binary_cross_entropy_with_logits {target}"] = [[by_torch(f, [x]) for x in z]]
    for target in (0, 2):
        x = torch.tensor(z, requires_grad=True)
        y = F.cross_entropy(x, torch.tensor(target))
        y.backward()
        cases[f"cross_entropy_with_logits {target}"] = [y.item(), x.grad.tolist()]
    return {"logits": z, "cases": cases}


def valley(x, y):
    """What the optimizers go down."""
    return (1 - x) ** 2 + 5 * (y - x * x) ** 2


def way(make, change=lambda parameters: None):
    """The parameters after each step of an optimizer."""
    x, y = (torch.tensor(number, requires_grad=True) for number in asked.START)
    optimizer = make([x, y])
    trace = []
    for _ in range(asked.STEPS):
        optimizer.zero_grad()
        valley(x, y).backward()
        change([x, y])
        optimizer.step()
        trace.append([x.item(), y.item()])
    return trace


def optimizers():
    """The ways of optimizers, and of clipped gradients."""
    traces = {
        name: way(lambda parameters, kind=kind, options=options: getattr(torch.optim, kind)(parameters, **options))
        for name, (kind, options) in asked.OPTIMIZERS.items()
    }
    plain = lambda parameters: torch.optim.SGD(parameters, lr=0.1)  # noqa: E731
    norm, value = asked.CLIPPED["norm"], asked.CLIPPED["value"]
    traces["clipped by norm"] = way(plain, lambda p: torch.nn.utils.clip_grad_norm_(p, norm))
    traces["clipped by value"] = way(plain, lambda p: torch.nn.utils.clip_grad_value_(p, value))
    return traces


def schedules():
    """The rates of schedules by epoch, the first one being 1."""
    from torch.optim import lr_scheduler as lr

    def rates(make, losses=None):
        optimizer = torch.optim.SGD([torch.tensor(1.0, requires_grad=True)], lr=1.0)
        schedule = make(optimizer)
        found = []
        for t in range(14):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step(*([] if losses is None else [losses[t]]))
        return found

    return {
        "Step": rates(lambda o: lr.StepLR(o, 3, 0.5)),
        "Exponential": rates(lambda o: lr.ExponentialLR(o, 0.9)),
        "Cosine": rates(lambda o: lr.CosineAnnealingLR(o, 13, 0.1)),
        "Linear": rates(lambda o: lr.LinearLR(o, 0.5, 0.25, 8)),
        "Plateau": rates(lambda o: lr.ReduceLROnPlateau(o, factor=0.5, patience=1), asked.LOSSES_OF_PLATEAU),
    }


def more_losses():
    """Losses of numbers with their slopes, for the cases of all."""

    def weighted(x, t, w):
        return F.binary_cross_entropy_with_logits(x, t, weight=torch.tensor(w[1] if t else w[0]))

    of = {
        "absolute_error": lambda x, t: F.l1_loss(x, t),
        "squared_error": lambda x, t: F.mse_loss(x, t),
        "huber": lambda x, t, delta=1.0: F.huber_loss(x, t, delta=delta),
        "binary_cross_entropy": lambda x, t: F.binary_cross_entropy(x, t),
        "binary_cross_entropy_with_logits": lambda x, t, class_weight=None: (
            F.binary_cross_entropy_with_logits(x, t) if class_weight is None else weighted(x, t, class_weight)
        ),
        "gaussian_nll": lambda x, t, variance: F.gaussian_nll_loss(x, t, torch.tensor(variance), full=True),
    }
    numbers = {
        name: [
            [by_torch(lambda x, f=of[name], t=target, k=more: f(x, torch.tensor(t), **k), [z]) for z in points]
            for points, target, more in cases
        ]
        for name, cases in asked.LOSSES.items()
    }
    classes, divergences = [], []
    for z, target, more in asked.CLASSES:
        x = torch.tensor(z, requires_grad=True)
        weight = torch.tensor(more["class_weight"]) if "class_weight" in more else None
        smoothing = more.get("smoothing", 0.0)
        y = F.cross_entropy(x, torch.tensor(target), weight, label_smoothing=smoothing, reduction="sum")
        y.backward()
        classes.append([y.item(), x.grad.tolist()])
    for q, p in asked.DIVERGENCES:
        x = torch.tensor(q, requires_grad=True)
        y = F.kl_div(x.log(), torch.tensor(p), reduction="sum")
        y.backward()
        divergences.append([y.item(), x.grad.tolist()])
    return {"numbers": numbers, "classes": classes, "divergences": divergences}


def network():
    """The gradient of a network 2-3-1 with tanh, weights counted up from -0.5 in steps of 0.1."""
    p = torch.tensor([-0.5 + 0.1 * i for i in range(13)], requires_grad=True)
    x = torch.tensor([0.5, -1.5])
    hidden = torch.stack([torch.tanh(p[3 * i : 3 * i + 2] @ x + p[3 * i + 2]) for i in range(3)])
    y = p[9:12] @ hidden + p[12]
    y.backward()
    return [y.item(), p.grad.tolist()]


def structures():
    """Derivatives of structures by structures: jacobians of first and second order, by all arguments."""
    found = {}
    for name, (function, args) in CASES.items():
        f, point = function(jnp), [made(arg, jnp) for arg in args]
        argnums = tuple(range(len(args)))
        jacobian = jax.jacrev(f, argnums)
        y, back = jax.vjp(f, *point)
        ones = jax.tree_util.tree_map(jnp.ones_like, y)
        found[name] = {
            "value": told(y),
            "jacobian": told(jacobian(*point)),
            "first": told(jax.jacrev(f)(*point)),
            "second": told(jax.jacrev(jacobian, argnums)(*point)),
            "vjp": told(back(ones)),
            "jvp": told(jax.jvp(f, point, jax.tree_util.tree_map(jnp.ones_like, point))[1]),
        }
    return found


def main(path):
    """Write every answer into a file."""
    answers = {
        "source": f"PyTorch {torch.__version__.split('+')[0]} and JAX {jax.__version__} on the CPU, float64",
        "torch": primitives(TORCH, by_torch),
        "jax": primitives(JAX, by_jax),
        "torch edges": edges(EDGES["torch"], by_torch),
        "jax edges": edges(EDGES["jax"], by_jax),
        "losses": losses(),
        "optimizers": optimizers(),
        "schedules": schedules(),
        "more losses": more_losses(),
        "network": network(),
        "structures": structures(),
    }
    Path(path).write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
