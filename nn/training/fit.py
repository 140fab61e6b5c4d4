"""fit: one loop from a model, a loss and an optimizer to a trained model and the history of its training."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from numbers import Real
from reprlib import repr as short
from typing import Any

import numpy as np

from .. import datasets, losses
from ..names import look_up, positive_int
from .checking import check
from .history import REPORTS, History
from .loop import Loop
from .rows import Rows, Stream, rows_of
from .task import Task

WHO = "fit()"


def fit(
    model: Callable[[Any], Any],
    X: Any,
    y: Any = None,
    *,
    loss: str | Callable[[Any, Any], Any],
    optimizer: Any,
    epochs: int = 100,
    batch_size: int | None = None,
    shuffle: bool = True,
    rng: Any = 0,
    validation: Any = None,
    stratify: bool = False,
    sample_weight: Any = None,
    metrics: Any = (),
    penalty: Callable[[Any], Any] | None = None,
    constraint: Any = None,
    clip: Callable[[Any], Any] | None = None,
    schedule: Any = None,
    callbacks: Any = (),
    report: str = "running",
    history: History | None = None,
    compiled: bool | str = "auto",
    backend: str = "auto",
    threads: int = 1,
    progress: Any = True,
) -> History:
    """Train a model on rows, and return the History of it.

    `model` is a Module, or a function of one row. `X` has rows: an array, lists, a table of pandas, polars or pyarrow; rows of several
    lengths are grouped by length. `y` has an observation for each. Without y, X is any iterable of batches (X, y), gone through once an
    epoch. `loss` is a function of one row's prediction and target, or a name in `nn.losses`. `optimizer` is one that was built
    from parameters, or what builds one from `model.parameters()`: `nn.optim.Adam`, or `functools.partial(nn.optim.SGD, lr=0.1)`.
    What the optimizer does not have is frozen.

    An epoch takes all rows once, in batches of `batch_size` (all rows of one length at once, if it is None), shuffled by `rng`. A step makes the mean of
    the losses smaller, and with `penalty` (see `nn.penalties`) that is added; `sample_weight` is scaled to a mean of 1. `clip` changes the
    gradients, `constraint` the parameters after a step (`nn.penalties.MaxNorm`), `schedule` the rate (`nn.optim.Cosine` and others, or a
    function of the epoch from 0 on, what the first rate is multiplied by).

    `validation` is a pair (X, y), or the share of rows that is set apart: drawn, never the tail, with `stratify` from each label its
    share. With it the model has the weights of the epoch with the smallest validation loss, however the run ends; without it the
    last ones. `metrics` are functions of what is true and predicted (see `nn.metrics`), of the validation rows, else of the training
    rows. `callbacks` are called with the History after each epoch; one that returns True ends the run (`EarlyStopping`). Ctrl-C ends it
    after the batch; a second one at once. `history` is one that another call returned: the run goes on where it stood, with the bits of one
    that was not interrupted, for `epochs` more epochs; the options of the optimizer are those that you give now.

    Steps are compiled; `compiled=False` builds the graph of each row, as does, with a warning, a model that cannot be traced.
    `report="after"` takes the training loss after each epoch, over all rows, in the place of the running mean. `progress` is True,
    False, or a function such as tqdm.

    Raises TypeError or ValueError, before anything is changed, for what is wrong in rows, labels or options, with the row and the
    column; NotANumber for a loss of nan, with epoch, batch and parameter. Whatever is raised in the
    run has the History as its attribute `history`.

    >>> import nn
    >>> X, y = nn.datasets.two_moons(60)
    >>> model = nn.MLP(2, [8, 1], activation="tanh", rng=0)
    >>> history = nn.fit(model, X, y, loss="binary_cross_entropy_with_logits", optimizer=nn.optim.Adam, epochs=3, progress=False)
    >>> history.epochs, history.loss[2] < history.loss[0]
    (3, True)
    """
    if isinstance(loss, str):
        loss = look_up("loss", loss, losses.LOSSES)
    for what, function in (("model", model), ("loss", loss)):
        if not callable(function):
            raise TypeError(f"{WHO} expects a function as {what}, got {type(function).__name__}")
    epochs = positive_int(epochs, WHO, "epochs")
    batch_size = None if batch_size is None else positive_int(batch_size, WHO, "batch_size")
    look_up("report", report, REPORTS)
    if compiled not in (True, False, "auto"):
        raise ValueError(f"{WHO} expects compiled to be True, False or 'auto', got {short(compiled)}")
    if not (isinstance(progress, bool) or callable(progress)):
        raise TypeError(
            f"{WHO} expects progress to be True, False or a function such as tqdm, got {type(progress).__name__}"
        )
    metrics, callbacks = _several(metrics), _several(callbacks)
    for what, functions in (("metrics", metrics), ("callbacks", callbacks)):
        for function in functions:
            if not callable(function):
                raise TypeError(f"{WHO} expects functions as {what}, got {type(function).__name__}")
    for what, option in (("penalty", penalty), ("clip", clip), ("schedule", schedule)):
        if option is not None and not callable(option):
            raise TypeError(f"{WHO} expects {what} to be a function, got {type(option).__name__}")
    if history is not None and not (isinstance(history, History) and history.state):
        raise TypeError(f"{WHO} expects a History that fit() returned as history, got {short(history)}")
    generator = datasets.generator(rng, WHO)
    if history:
        generator = deepcopy(generator)  # whose state is that of the history
        generator.bit_generator.state = history.state["split"]
    before = generator.bit_generator.state
    built = built_of(optimizer, model)
    training, held = _rows(X, y, sample_weight, validation, stratify, generator)
    task = Task(
        model, loss, training, held, batch_size, shuffle, metrics, penalty, constraint, clip, schedule, callbacks, report,
        compiled, backend, threads, generator, built,
    )  # fmt: skip
    history = history or History(reported=REPORTS[report])
    check(task, history)
    return Loop(task, history, before).run(epochs, progress)


def _several(functions: Any) -> tuple[Any, ...]:
    """Functions; one may stand without a tuple."""
    return (functions,) if callable(functions) else tuple(functions)


def built_of(optimizer: Any, model: Any) -> Any:
    """The optimizer, built from the model's parameters if it is a factory."""
    if hasattr(optimizer, "parameters") and not isinstance(optimizer, type):
        return optimizer
    if not callable(optimizer):
        raise TypeError(
            f"{WHO} expects an optimizer, or what builds one from parameters, such as nn.optim.Adam, got {type(optimizer).__name__}"
        )
    if not hasattr(model, "parameters"):
        raise TypeError(f"{WHO} expects an optimizer that is built, as the model has no parameters()")
    try:
        built = optimizer(model.parameters())
    except TypeError as error:
        raise TypeError(
            f"{WHO} could not build the optimizer: {error}; options are given by functools.partial(..., lr=0.1)"
        ) from error
    if not hasattr(built, "parameters"):
        raise TypeError(f"{WHO} expects a factory that returns an optimizer, got {type(built).__name__}")
    return built


def _rows(
    X: Any, y: Any, weights: Any, validation: Any, stratify: bool, generator: np.random.Generator
) -> tuple[Rows | Stream, Rows | None]:
    """The training rows, and those for validation."""
    if y is None:
        if not hasattr(X, "__iter__") or hasattr(X, "shape") or isinstance(X, (str, dict)):
            raise TypeError(f"{WHO} expects y, or as X an iterable of batches (X, y), got {type(X).__name__}")
        if weights is not None:
            raise ValueError(f"{WHO} expects weights within the batches, as a third, got sample_weight")
        training: Rows | Stream = Stream(X, WHO)
    else:
        training = rows_of(X, y, weights, WHO)
    if validation is None:
        if stratify:
            raise ValueError(f"{WHO} expects stratify only with a share of the rows as validation")
        return _scaled(training), None
    if isinstance(validation, Real) and not isinstance(validation, bool):
        if not isinstance(training, Rows):
            raise ValueError(
                f"{WHO} expects validation to be a pair (X, y) where X is batches, got {short(validation)}"
            )
        if not 0.0 < float(validation) < 1.0:
            raise ValueError(f"{WHO} expects a share between 0 and 1 as validation, got {short(validation)}")
        if stratify and training.y.ndim > 1:
            raise ValueError(f"{WHO} expects one label a row in y to stratify, got {training.y.shape[1]}")
        first, second = datasets.split(training.n, float(validation), generator, training.y if stratify else None)
        return training.only(first).scaled(WHO), training.only(second).scaled(f"{WHO}, validation,")
    if not isinstance(validation, (tuple, list)) or len(validation) not in (2, 3):
        raise TypeError(f"{WHO} expects validation to be a pair (X, y) or a share, got {type(validation).__name__}")
    X, y, weights = (*validation, None)[:3]
    return _scaled(training), rows_of(X, y, weights, f"{WHO}, validation,").scaled(f"{WHO}, validation,")


def _scaled(training: Rows | Stream) -> Rows | Stream:
    """Rows with weights of mean 1; those of batches are taken as they are."""
    return training.scaled(WHO) if isinstance(training, Rows) else training
