"""no_grad and errstate."""

import asyncio
import math
import threading
import warnings

import pytest

import autograd as ag
from autograd import Value, errstate, grad, no_grad
from autograd.modes import UNUSUAL


@pytest.mark.parametrize(
    ("compute", "kind", "call"),
    [
        (lambda: ag.log(Value(0.0)), "divide by zero", "log(0.0)"),
        (lambda: ag.log(Value(-1.0)), "invalid value", "log(-1.0)"),
        (lambda: ag.log(0.0), "divide by zero", "log(0.0)"),
        (lambda: 1 / Value(0.0), "divide by zero", "truediv(1.0, 0.0)"),
        (lambda: Value(0.0) / Value(0.0), "invalid value", "truediv(0.0, 0.0)"),
        (lambda: ag.exp(Value(800.0)), "overflow", "exp(800.0)"),
        (lambda: Value(-2.0) ** 2.5, "invalid value", "pow(-2.0, 2.5)"),
        (lambda: ag.sin(Value(math.inf)), "invalid value", "sin(inf)"),
    ],
)
def test_a_fault_of_arithmetic_warns_once_at_the_user_s_line_and_names_the_call(compute, kind, call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        compute()
    assert [str(w.message) for w in caught] == [f"{kind} encountered in {call}"]
    assert caught[0].category is RuntimeWarning
    assert caught[0].filename == __file__


@pytest.mark.parametrize("f", [ag.sqrt, ag.asin, lambda x: x**0.5, lambda x: ag.acosh(1.0 + x)])
def test_partials_never_warn(f):
    x = Value(0.0) if f is not ag.asin else Value(1.0)
    f(x).backward()  # pytest turns warnings into errors
    assert x.grad == math.inf


def test_ignore_gives_the_answer_alone_and_nests():
    with errstate("ignore"):
        assert ag.log(0.0) == -math.inf
        with errstate("warn"), pytest.warns(RuntimeWarning):
            ag.log(0.0)
        assert ag.log(0.0) == -math.inf


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda: ag.log(Value(0.0)), r"divide by zero encountered in log\(0\.0\)"),
        (lambda: Value(1e308) * 10, r"a value of inf encountered in mul\(1e\+308, 10\.0\)"),
        (lambda: ag.sqrt(Value(0.0)), r"a partial of inf by argument 0 encountered in sqrt\(0\.0\)"),
        (lambda: ag.logit(Value(0.0)), r"a value of -inf encountered in logit\(0\.0\)"),
    ],
)
def test_raise_stops_at_the_first_bad_value_or_partial(compute, message):
    with errstate("raise"), pytest.raises(FloatingPointError, match=message):
        compute()
    assert not UNUSUAL


def test_raise_does_not_stop_at_the_branch_not_taken_in_a_derivative_of_a_derivative():
    with errstate("raise"):
        assert grad(grad(lambda x: ag.hypot(x, 1.0)))(0.0) == 1.0


@pytest.mark.parametrize("word", ["Warn", "", None, 1])
def test_an_unknown_word_is_refused_with_the_valid_ones(word):
    with pytest.raises(ValueError, match=r"errstate\(\) expects one of 'warn', 'ignore', 'raise', got"):
        errstate(word)


def test_no_grad_makes_leaves_and_may_be_a_decorator():
    x = Value(3.0)

    @no_grad()
    def f():
        return ag.where(x > 0, x * 2, x) + ag.dot([x, 1.0], [x, x]) + ag.clip(x, 0, 1)

    y = f()
    assert (y.data, y.op, y.args) == (6.0 + 12.0 + 1.0, None, ())
    assert not UNUSUAL
    z = y * x
    z.backward()
    assert (x.grad, y.grad) == (19.0, 3.0)


def test_inside_no_grad_grad_still_differentiates_and_gives_numbers():
    w = Value(2.0)
    with no_grad():
        assert grad(lambda x: w * x * x)(3.0) == 12.0
        assert grad(grad(lambda x: x * x * x))(2.0) == 12.0
        assert grad(lambda x: x * x)(Value(3.0)) == 6.0


def test_modes_end_with_an_exception():
    with pytest.raises(KeyError), no_grad(), errstate("raise"):
        raise KeyError
    assert not UNUSUAL
    assert (Value(1.0) * 2).args


def test_no_grad_holds_in_its_own_thread_only():
    inside, results = threading.Event(), []

    def other():
        inside.wait()
        results.append((Value(2.0) * 3).args)

    thread = threading.Thread(target=other)
    thread.start()
    with no_grad():
        inside.set()
        thread.join()
    assert len(results[0]) == 2


def test_no_grad_holds_in_its_own_task_only():
    async def quiet():
        with no_grad():
            await asyncio.sleep(0.01)
            return (Value(2.0) * 3).args

    async def usual():
        await asyncio.sleep(0.005)
        return (Value(2.0) * 3).args

    async def both():
        return await asyncio.gather(quiet(), usual())

    without, recorded = asyncio.run(both())
    assert (len(without), len(recorded)) == (0, 2)
