"""The kit used on this project: random programs in every mode, random structures through every transform."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import PRIMITIVES, Value, check_grads, compile, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.testing import check_kernels
from autograd.testing.sharp import LIMIT, Judge
from autograd.testing.strategies import expressions, structures
from autograd.trees import flatten, take_apart

pytestmark = pytest.mark.no_cover  # the lines are run by other tests

BY_CONVENTION = ("paced", "ratio")  # whose value or slope at 0 is settled, and no limit: see test_edges
EXAMPLES = settings(max_examples=40)


def by_backward(f, point):
    leaves = [Value(x) for x in point]
    y = f(*leaves)
    if type(y) is Value:
        y.backward()
    return [leaf.grad for leaf in leaves]


def by_jvp(f, point):
    return [jvp(f, point, [float(i == j) for i in range(len(point))])[1] for j in range(len(point))]


def everywhere(derive):
    return lambda f, point: list(derive(f, tuple(range(len(point))))(*point))


def rows_by(backend):
    def run(f, point):
        columns = [np.array([x, x]) for x in point]
        got = compile(grad(f, tuple(range(len(point)))), rows=range(len(point)), backend=backend)(*columns)
        return [float(np.broadcast_to(d, 2)[1]) for d in got]

    return run


MODES = {
    "backward": by_backward,
    "jvp": by_jvp,
    "vjp": lambda f, point: list(vjp(f, *point)[1](1.0)),
    "grad": everywhere(grad),
    "value_and_grad": lambda f, point: list(value_and_grad(f, tuple(range(len(point))))(*point)[1]),
    "jacobian": everywhere(jacobian),
    "compiled": lambda f, point: list(compile(grad(f, tuple(range(len(point)))))(*point)),
    "grad of compiled": lambda f, point: list(grad(compile(f), tuple(range(len(point))))(*point)),
    "rows in numpy": rows_by("numpy"),
    "rows in numba": rows_by("numba"),
}


@EXAMPLES
@given(expressions(max_nodes=10))
def test_every_mode_gives_the_gradient_of_a_random_program_at_60_digits(f):
    """Off by no more than 32 times what float64 could have given."""
    if not f.lines:
        return
    judge = Judge(lambda *xs: [f(*xs)], take_apart(f.point)[0], f.point)
    if judge.slopes(0) is None:
        return  # a step within is next to a kink after all
    for name, mode in MODES.items():
        got = mode(f, f.point)
        for place, d in enumerate(got):
            rates = [float(place == i) for i in range(f.inputs)]
            assert judge.units(0, rates, d) <= LIMIT, (name, place, d, float(judge.along(0, rates)[0]))


@pytest.mark.parametrize(
    "row",
    [row for row in PRIMITIVES.values() if any(row.partials) and row.name not in BY_CONVENTION],
    ids=lambda row: row.name,
)
@settings(max_examples=5)
@given(data=st.data())
def test_each_row_of_the_table_passes_the_check_of_second_order(row, data):
    """By each argument that has a derivative, which are all Values here: constants hide what is wrong with them."""
    f = data.draw(expressions([row], max_nodes=1, arity=len(row.partials)).filter(lambda f: f.lines))
    partials = row.partials * len(f.lines[0][1]) if row.variadic else row.partials
    places = [k for k, partial in enumerate(partials) if partial is not None]
    args = [f.point[ref] if isinstance(ref, int) else ref for ref in f.lines[0][1]]

    def of_all(*xs):
        return row(*[xs[places.index(k)] if k in places else arg for k, arg in enumerate(args)])

    check_grads(of_all, [args[k] for k in places])


@settings(max_examples=25)
@given(expressions(max_nodes=5))
def test_random_programs_pass_the_check_of_second_order(f):
    check_grads(f, f.point)


@pytest.mark.no_cover
@settings(max_examples=10)
@given(expressions(max_nodes=4, arity=2))
def test_random_programs_pass_the_check_of_third_order(f):
    check_grads(f, f.point, order=3)


@EXAMPLES
@given(expressions(max_nodes=6, arity=2))
def test_second_derivatives_of_random_programs_are_one_in_every_mode(f):
    whole = hessian(lambda x: f(x[0], x[1]))(list(f.point))
    directions = [[1.0, 0.0], [0.0, 1.0]]
    products = [hvp(lambda x: f(x[0], x[1]), (list(f.point),), (d,)) for d in directions]
    compiled = compile(hessian(lambda x: f(x[0], x[1])))(list(f.point))
    scale = 1e-9 * (1.0 + max(abs(d) for row in whole for d in row))
    np.testing.assert_allclose(whole, np.transpose(whole), rtol=0, atol=scale)
    np.testing.assert_allclose(whole, products, rtol=0, atol=scale)
    np.testing.assert_allclose(whole, compiled, rtol=0, atol=scale)


NEAR_ZEROS = ("lgamma", "digamma", "polygamma")  # of which only an absolute error is promised near their zeros
SURE = [row for row in PRIMITIVES.values() if any(row.partials) and not row.helper and row.name not in NEAR_ZEROS]


@settings(max_examples=15)
@given(expressions(SURE, max_nodes=6))
def test_kernels_of_random_programs_are_within_4_ulps_a_step(f):
    check_kernels(f, [f.point, f.point])


def energy(tree):
    """A function of any structure: what stands later counts more, and neighbours are mixed."""
    numbers = [x for leaf in take_apart(tree)[1] for x in (np.ravel(leaf) if isinstance(leaf, np.ndarray) else [leaf])]
    terms = [ag.sin(0.3 * (k + 1.0) * x) + 0.1 * x * x for k, x in enumerate(numbers)]
    mixed = [0.05 * a * b for a, b in itertools.pairwise(numbers)]
    return ag.sum([*terms, *mixed])


def expected(numbers):
    """Its gradient, by hand."""
    slopes = [0.3 * (k + 1.0) * math.cos(0.3 * (k + 1.0) * x) + 0.2 * x for k, x in enumerate(numbers)]
    for k, (a, b) in enumerate(itertools.pairwise(numbers)):
        slopes[k] += 0.05 * b
        slopes[k + 1] += 0.05 * a
    return slopes


SLOPES = {
    "grad": lambda tree: grad(energy)(tree),
    "value_and_grad": lambda tree: value_and_grad(energy)(tree)[1],
    "vjp": lambda tree: vjp(energy, tree)[1](1.0)[0],
    "jacobian": lambda tree: jacobian(energy)(tree),
    "compiled": lambda tree: compile(grad(energy))(tree),
    "grad of compiled": lambda tree: grad(compile(energy))(tree),
}


@EXAMPLES
@given(structures())
def test_every_transform_of_a_random_structure_has_its_form_and_its_numbers(tree):
    numbers, _ = flatten(tree)
    right = expected(numbers.tolist())
    for name, derive in SLOPES.items():
        got = derive(tree)
        assert take_apart(got)[0] == take_apart(tree)[0], name
        np.testing.assert_allclose(flatten(got)[0], right, rtol=1e-12, atol=1e-12, err_msg=name)


@settings(max_examples=25)
@given(structures(max_leaves=4))
def test_second_derivatives_by_a_random_structure_are_a_structure_of_structures(tree):
    numbers, unflatten = flatten(tree)
    size = len(numbers)
    dense = hessian(lambda v: energy(unflatten(v)))(numbers)
    tangents = unflatten(np.linspace(-1.0, 1.0, size))
    product = hvp(energy, (tree,), (tangents,))
    assert take_apart(product)[0] == take_apart(tree)[0]
    right = np.asarray(dense).reshape(size, size) @ np.linspace(-1.0, 1.0, size)
    np.testing.assert_allclose(flatten(product)[0], right, rtol=1e-10, atol=1e-10)
    got = compile(hessian(energy))(tree)
    np.testing.assert_allclose(sorted(flatten(got)[0]), sorted(np.ravel(dense)), rtol=1e-10, atol=1e-10)
    moved = jvp(energy, (tree,), (tangents,))[1]
    assert moved == pytest.approx(
        np.dot(expected(numbers.tolist()), np.linspace(-1.0, 1.0, size)), rel=1e-10, abs=1e-10
    )


@settings(max_examples=10)
@given(structures(st.floats(-2.0, 2.0), max_leaves=3))
def test_check_grads_takes_any_structure(tree):
    if len(flatten(tree)[0]) <= 12:
        check_grads(energy, (tree,), order=1)
