"""Graphs at their limits: depth, width, memory, and the same bits in every process."""

import gc
import subprocess
import sys
import threading
import weakref

import pytest

import autograd as ag
from autograd import GraphError, Value, grad, jvp
from autograd.seeing.steps import steps
from autograd.walks import users_first

MILLION = 1_000_000


def chain(length):
    x = Value(1.0)
    y = x
    for _ in range(length // 2):
        y = y * 1.0 + 1e-6
    return x, y


def differentiate_a_million_nodes():
    x, y = chain(MILLION)
    y.backward()
    assert x.grad == 1.0
    del y


@pytest.mark.no_cover
def test_a_chain_of_a_million_nodes_is_built_differentiated_and_freed():
    differentiate_a_million_nodes()


# Python 3.13 frees even a plain linked list by up to 10,000 nested calls in C, and crashes on less.
SMALL_STACK = 256 * 1024 if sys.version_info < (3, 13) else 2 * 1024 * 1024


@pytest.mark.no_cover
def test_the_same_in_a_thread_with_a_small_stack():
    failures = []

    def run():
        try:
            differentiate_a_million_nodes()
        except BaseException as error:
            failures.append(error)

    before = threading.stack_size(SMALL_STACK)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert not failures


@pytest.mark.no_cover
def test_transforms_and_steps_do_not_recurse_either():
    def f(x):
        for _ in range(20_000):
            x = x * 1.0 + 1e-6
        return x

    assert grad(f)(1.0) == 1.0
    assert jvp(f, (1.0,), (2.0,))[1] == 2.0
    assert grad(grad(f))(1.0) == 0.0
    _, y = chain(20_000)
    assert len(steps(y)) == 40_002


def test_doubling_a_thousand_times_takes_linear_time():
    x = y = Value(1.0)
    for _ in range(1000):
        y = y + y
    y.backward()  # by every path, 2**1000 of them, it would never end
    assert x.grad == 2.0**1000
    doubled = lambda x: [x := x + x for _ in range(1000)][-1]  # noqa: E731
    assert grad(doubled)(1.0) == 2.0**1000


def test_nothing_is_left_after_del_with_the_collector_off():
    class Marker(str):
        __slots__ = ("__weakref__",)

    gc.collect()
    gc.disable()
    try:
        marker = Marker("mark")
        alive = weakref.ref(marker)
        x = Value(2.0, name=marker)
        y = ag.logsumexp([ag.exp(x * x), x, ag.where(x > 0, x, 1.0)])
        y.backward()
        before = len(gc.get_objects())
        marker = x = y = None
        assert alive() is None
        assert len(gc.get_objects()) < before
        assert gc.collect() == 0
    finally:
        gc.enable()


PROGRAM = """
import random
from autograd import Value, exp, logsumexp, sin, tanh
rng = random.Random(7)
xs = [Value(rng.uniform(-1, 1)) for _ in range(20)]
pool = list(xs)
for _ in range(400):
    a, b = rng.choice(pool), rng.choice(pool)
    pool.append(rng.choice([a * b, a + b, tanh(a), sin(a - b), exp(-a * a)]))
logsumexp(pool).backward()
print(" ".join(x.grad.hex() for x in xs))
"""


def test_twenty_processes_with_other_hash_seeds_give_the_same_bits():
    commands = [[sys.executable, "-c", PROGRAM] for _ in range(20)]
    runs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, env={"PYTHONHASHSEED": str(seed), "PATH": ""})
        for seed, command in enumerate(commands)
    ]
    assert len({run.communicate()[0] for run in runs}) == 1
    assert all(run.returncode == 0 for run in runs)


def test_importing_autograd_loads_the_standard_library_alone():
    program = "import sys, autograd, nn; print({name.partition('.')[0] for name in sys.modules} & set(sys.argv[1:]))"
    others = ["numpy", "scipy", "graphviz", "matplotlib", "hypothesis", "pygraphviz"]
    run = subprocess.run([sys.executable, "-c", program, *others], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_order_has_every_node_before_its_arguments_and_stops_where_told():
    a = Value(1.0)
    b = a * a
    c = b + a
    d = c * b
    assert list(users_first([d])) == [d, c, b, a]
    assert list(users_first([d], until=[b, c])) == [d, c, b]
    assert list(users_first([d, b])) == [d, c, b, a]


def test_independent_graphs_in_threads_are_independent():
    def work(seed, results):
        for _ in range(50):
            x = Value(float(seed))
            (x * x * x).backward()
            results.add((seed, x.grad, grad(lambda z: z * z)(float(seed))))

    results = set()
    threads = [threading.Thread(target=work, args=(seed, results)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {(seed, 3.0 * seed * seed, 2.0 * seed) for seed in range(4)}


def test_graph_errors_are_runtime_errors_of_autograd():
    assert issubclass(GraphError, (ag.AutogradError, RuntimeError))
    with pytest.raises(RuntimeError):
        (Value(1.0) + 1).data = 2.0
