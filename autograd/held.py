"""A context held while a function runs: around a call, around each step of a generator, around what a coroutine awaits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from inspect import (
    isasyncgen,
    isasyncgenfunction,
    iscoroutine,
    iscoroutinefunction,
    isgenerator,
    isgeneratorfunction,
)
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def held(switch: Any, function: F) -> F:
    """Return the function with a context held while its code runs. Raises TypeError for an asynchronous generator."""
    if isasyncgenfunction(function):
        raise TypeError(f"{_name(function)} is an asynchronous generator, in which no mode can hold")
    how = _stepwise if isgeneratorfunction(function) else _awaited if iscoroutinefunction(function) else _called
    return cast(F, wraps(function)(how(switch, function)))


def _called(switch: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    def held(*args: Any, **kwargs: Any) -> Any:
        with switch:
            result = function(*args, **kwargs)
        if isgenerator(result):
            return _stepwise(switch, lambda: result)()
        if iscoroutine(result):
            return _awaited(switch, lambda: result)()
        if isasyncgen(result) or hasattr(type(result), "__enter__"):
            raise TypeError(
                f"{_name(function)} returns what runs later, a {type(result).__name__}: write `with` inside it"
            )
        return result

    return held


def _name(function: Callable[..., Any]) -> str:
    return f"{getattr(function, '__name__', type(function).__name__):.60}()"


def _awaited(switch: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    async def held(*args: Any, **kwargs: Any) -> Any:
        with switch:
            return await function(*args, **kwargs)

    return held


def _stepwise(switch: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """A generator whose every step is taken in the mode; between them the caller's holds."""

    def held(*args: Any, **kwargs: Any) -> Any:
        steps = function(*args, **kwargs)
        go: Callable[[], Any] = partial(next, steps)
        while True:
            try:
                with switch:
                    item = go()
            except StopIteration as stop:
                return stop.value
            try:
                go = partial(steps.send, (yield item))
            except GeneratorExit:
                with switch:
                    steps.close()
                raise
            except BaseException as error:  # thrown in by the caller: the generator's own to deal with
                go = partial(steps.throw, error)

    return held
