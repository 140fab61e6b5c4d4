"""Compare networks with PyTorch live, both ways: python tests/peers/exchange.py, where both are (`make peers`)."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[2]))
import nn
from autograd import elu, leaky_relu
from nn.exchange import TWINS

MOST = 1e-12
ROWS = [[0.5, -1.0, 2.0], [30.0, -40.0, 25.0], [0.0, 0.0, 0.0], [-3.0, 1e-3, 7.0]]


def worst(model: nn.MLP, module: torch.nn.Module) -> float:
    """The largest difference of outputs, as a share of the largest output or 1."""
    module.eval()
    found = 0.0
    for row in ROWS:
        ours = model(row)
        ours = [y.data for y in ours] if isinstance(ours, list) else [ours.data]
        theirs = module(torch.tensor(row, dtype=torch.float64)).tolist()
        scale = max(1.0, *map(abs, ours))
        found = max(found, *(abs(a - b) / scale for a, b in zip(ours, theirs, strict=True)))
    return found


def main() -> None:
    """Print the largest difference for each kind of network, and stop at one that is too large."""
    torch.manual_seed(0)
    activations = {
        **{name: name for name in TWINS},
        "leaky_relu(0.2)": partial(leaky_relu, slope=0.2),
        "elu(0.5)": partial(elu, a=0.5),
    }
    for name, activation in activations.items():
        model = nn.MLP(3, [8, 5, 2], activation, rng=1, dropout=0.25)
        model.layers.insert(0, nn.Standardize([[1.0, 2.0, 3.0], [2.0, 5.0, -1.0], [4.0, 1.0, 0.0]]))
        there = nn.to_torch(model)
        options = {TWINS[name.split("(")[0]].option[1]: next(iter(activation.keywords.values()))} if "(" in name else {}
        options |= {"threshold": 40.0} if name == "softplus" else {}
        module = torch.nn.Sequential(
            torch.nn.Linear(3, 8), getattr(torch.nn, TWINS[name.split("(")[0]].name)(**options),
            torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Linear(8, 2, bias=False)),
        )  # fmt: skip
        here = nn.from_torch(module)
        differences = worst(model, there), worst(here, module.double()), worst(nn.from_torch(there), there)
        print(f"{name:16} to {differences[0]:.1e}   from {differences[1]:.1e}   there and back {differences[2]:.1e}")
        assert max(differences) <= MOST, name
        assert "Dropout(0.5)" in repr(here)


if __name__ == "__main__":
    main()
