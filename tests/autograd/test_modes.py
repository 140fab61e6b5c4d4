"""no_grad and errstate."""

import asyncio
import contextlib
import contextvars
import functools
import math
import threading
import warnings

import pytest

import autograd as ag
import nn
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


# One object, many calls, threads and tasks


def is_recording():
    return (Value(2.0) * 3.0).op is not None


def in_threads(count, work):
    """Run work(i) in threads that all begin before one ends, and return the results."""
    found, failed = {}, []

    def run(i):
        try:
            found[i] = work(i)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed
    return [found[i] for i in range(count)]


def test_a_decorated_function_may_run_in_many_threads_at_a_time():
    gate = threading.Barrier(4)

    @no_grad()
    @errstate("ignore")
    def work():
        gate.wait()
        seen = is_recording(), ag.log(Value(0.0)).data
        gate.wait()
        return seen

    for _ in range(5):
        assert (
            in_threads(4, lambda i: (is_recording(), work(), is_recording())) == [(True, (False, -math.inf), True)] * 4
        )
    assert not UNUSUAL


def test_one_object_serves_threads_that_enter_and_leave_in_any_order():
    switch = no_grad()
    turns = [threading.Event() for _ in range(4)]

    def work(i):
        if i:
            turns[0].wait()
        with switch:
            turns[0 if not i else 1].set()
            (turns[1] if not i else turns[2]).wait()  # the first to enter is the first to leave
            assert not is_recording()
        turns[2 if not i else 3].set()
        return is_recording()

    assert in_threads(2, work) == [True, True]
    with switch, switch:
        assert not is_recording()
    assert is_recording()
    assert not UNUSUAL


def test_tasks_that_share_a_decorated_coroutine_keep_their_modes_apart():
    switch = errstate("ignore")

    @switch
    async def work(i):
        await asyncio.sleep(0.001 * (3 - i))
        found = ag.log(Value(0.0)).data
        with no_grad():
            await asyncio.sleep(0.001 * i)
            assert not is_recording()
        assert is_recording()
        return found

    async def main():
        assert await asyncio.gather(*(work(i) for i in range(4))) == [-math.inf] * 4
        with pytest.warns(RuntimeWarning, match=r"log\(0\.0\)"):
            ag.log(Value(0.0))

    asyncio.run(main())
    assert not UNUSUAL


def test_a_task_begun_inside_keeps_the_mode_after_its_parent_has_left_it():
    async def main():
        with no_grad():
            child = asyncio.create_task(later())
        assert is_recording()
        assert not await child
        assert is_recording()

    async def later():
        await asyncio.sleep(0.001)
        return is_recording()

    asyncio.run(main())
    assert not UNUSUAL


def test_a_decorated_generator_holds_the_mode_in_its_own_steps_only():
    closed = []

    @no_grad()
    def steps():
        try:
            sent = yield is_recording()
            try:
                yield sent, is_recording()
            except KeyError:
                yield "caught", is_recording()
            yield is_recording()
        finally:
            closed.append(is_recording())

    run = steps()
    assert next(run) is False
    assert is_recording()
    assert run.send("sent") == ("sent", False)
    assert run.throw(KeyError) == ("caught", False)
    assert is_recording()
    run.close()
    assert closed == [False]
    assert list(steps()) == [False, (None, False), False]

    @no_grad()
    def returning():
        yield 1
        return is_recording()

    def delegating():
        return (yield from returning())

    run = delegating()
    next(run)
    with pytest.raises(StopIteration) as stop:
        next(run)
    assert stop.value.value is False
    assert is_recording()
    assert not UNUSUAL


def test_an_asynchronous_generator_is_refused_at_its_decoration():
    async def steps():
        yield 1

    with pytest.raises(TypeError, match=r"steps\(\) is an asynchronous generator"):
        no_grad()(steps)


def test_what_a_function_returns_to_be_run_later_runs_in_the_mode_or_is_refused():
    async def work():
        await asyncio.sleep(0)
        return is_recording()

    def steps():
        yield is_recording()

    async def later():
        yield 1

    @contextlib.contextmanager
    def context():
        yield

    class Called:
        async def __call__(self):
            return is_recording()

    assert asyncio.run(no_grad()(lambda: work())()) is False
    assert asyncio.run(no_grad()(Called())()) is False
    assert list(no_grad()(lambda: steps())()) == [False]
    assert list(no_grad()(functools.partial(steps))()) == [False]
    for returns in (lambda: later(), context):
        with pytest.raises(TypeError, match="returns what runs later"):
            no_grad()(returns)()
    assert is_recording()
    assert not UNUSUAL


def test_a_mode_left_in_another_context_leaves_that_one_as_it_is():
    def steps():
        with no_grad():
            yield

    run = contextvars.copy_context().run
    held = steps()
    run(next, held)
    held.close()
    assert is_recording()


def test_a_decorated_function_keeps_its_name_and_hands_on_what_it_raises():
    @errstate("raise")
    def named(x, *, y):
        """What it does."""
        return ag.log(x) * y

    assert (named.__name__, named.__doc__) == ("named", "What it does.")
    with pytest.raises(FloatingPointError):
        named(Value(0.0), y=1.0)
    assert not UNUSUAL


# Whose line it is


def test_a_folder_whose_name_begins_as_the_library_s_is_the_caller_s(tmp_path):
    lab = tmp_path / "autograd_lab"
    lab.mkdir()
    (lab / "program.py").write_text("import autograd as ag\ndef run():\n    return ag.log(ag.Value(0.0))\n")
    code = compile((lab / "program.py").read_text(), str(lab / "program.py"), "exec")
    scope = {"__name__": "program"}
    exec(code, scope)
    with pytest.warns(RuntimeWarning) as caught:
        scope["run"]()
    assert caught[0].filename == str(lab / "program.py")
    assert caught[0].lineno == 3


def test_a_package_that_builds_on_the_library_may_say_so_and_nn_does():
    import sys
    import types

    package = types.ModuleType("building")
    package.__autograd_library__ = True
    scope = {"__name__": "building.blocks", "ag": ag}
    exec(compile("def block(x):\n    return ag.log(x)\n", "blocks.py", "exec"), scope)
    for known, file in ((True, __file__), (False, "blocks.py")):
        if known:
            sys.modules["building"] = package
        try:
            with ag.source_lines() as lines, pytest.warns(RuntimeWarning) as caught:
                y = scope["block"](Value(0.0))
        finally:
            sys.modules.pop("building", None)
        assert caught[0].filename == file
        assert lines._lines[y][0] == file
    with ag.source_lines() as lines:
        y = nn.Neuron(1, "relu")([1.0])
    assert lines._lines[y][0] == __file__
