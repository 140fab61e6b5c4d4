"""GAM against numerical derivatives at 60 digits, on small cases: the penalised likelihood, REML, degrees of freedom and bands."""

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

from autograd import sin
from nn import GAM
from nn.regression.criteria import CRITERIA
from nn.regression.curves import curves_of
from nn.regression.design import Linear
from nn.regression.objective import Objective
from nn.regression.smoothing import Smoothed
from nn.regression.source import Arrays
from nn.regression.terms import smoothness_of
from nn.smooths import fn, l, s

pytestmark = pytest.mark.no_cover  # 60 digits take long, and other tests run the same lines
RNG = np.random.default_rng(5)
N = 14
ROWS = np.c_[np.sort(RNG.uniform(0.0, 1.0, N)), RNG.uniform(-1.0, 1.0, N)]
ETA = np.sin(5.0 * ROWS[:, 0]) + 0.4 * ROWS[:, 1]
LAM = 0.3


def normal(y, eta, phi):
    return (y - eta) ** 2 / (2 * phi) + mp.log(2 * mp.pi * phi) / 2


def poisson(y, eta, phi):
    return mp.exp(eta) - y * eta + mp.loggamma(y + 1)


def bernoulli(y, eta, phi):
    return mp.log(1 + mp.exp(eta)) - y * eta


def gamma(y, eta, phi):  # with the link log
    shape = 1 / phi
    return -(shape * mp.log(shape * y) - shape * eta - mp.log(y) - shape * y * mp.exp(-eta) - mp.loggamma(shape))


CASES = {
    "gaussian": (normal, None, ETA + 0.3 * RNG.normal(size=N), lambda eta: mpf(1)),
    "poisson": (poisson, None, RNG.poisson(np.exp(ETA) + 1.0) + 0.0, mp.exp),
    "bernoulli": (bernoulli, None, (np.arange(N) % 3 == 0) + 0.0, lambda eta: mp.exp(eta) / (1 + mp.exp(eta)) ** 2),
    "gamma": (gamma, "log", np.exp(ETA) * RNG.gamma(4.0, 0.25, N), lambda eta: mpf(1)),
}  # the likelihood of an observation, the link, the observations, Fisher's information at phi = 1
DEVIANCES = {
    normal: lambda y, eta: (y - eta) ** 2,
    poisson: lambda y, eta: 2 * ((y * mp.log(y) if y else 0) - y * eta - y + mp.exp(eta)),
    bernoulli: lambda y, eta: 2 * bernoulli(y, eta, 1),
    gamma: lambda y, eta: 2 * (eta - mp.log(y) + y * mp.exp(-eta) - 1),
}
SCALED = ("gaussian", "gamma")


@pytest.fixture(autouse=True)
def sixty_digits():
    with mpmath.workdps(60):
        yield


class Oracle:
    """The penalised likelihood, all of it at 60 digits, of the columns and the penalty that a fitted model has."""

    def __init__(self, model, name):
        self.nll, _, y, self.information = CASES[name]
        self.scaled = name in SCALED
        matrix = np.c_[np.ones(N), model._rows(ROWS, "")[0]]
        self.rows = [[mpf(number) for number in row] for row in matrix.tolist()]
        self.y = [mpf(number) for number in y.tolist()]
        self.p = matrix.shape[1]
        self.penalty = mp.matrix(self.p, self.p)
        place = model.terms_["s(0)"].columns
        for k, number in zip(range(place.start, place.stop), np.diag(model._pieces[0].penalty).tolist(), strict=True):
            self.penalty[k, k] = mpf(number)
        self.rank = int(np.sum(np.diag(model._pieces[0].penalty) > 0.0))

    def etas(self, theta):
        return [mp.fdot(row, theta) for row in self.rows]

    def value(self, theta, lam, phi=1):
        sums = mp.fsum(self.nll(y, eta, phi) for y, eta in zip(self.y, self.etas(theta), strict=True))
        return sums + lam * self.rough(theta) / (2 * phi)

    def rough(self, theta):
        return mp.fsum(self.penalty[k, k] * theta[k] ** 2 for k in range(self.p))

    def slopes(self, theta):
        """Numerical first and second derivatives of each observation by its predictor."""
        pairs = list(zip(self.y, self.etas(theta), strict=True))
        return [[mp.diff(lambda eta, y=y: self.nll(y, eta, 1), eta, order) for y, eta in pairs] for order in (1, 2)]

    def crossed(self, weights):
        made = mp.matrix(self.p, self.p)
        for row, w in zip(self.rows, weights, strict=True):
            for i in range(self.p):
                for j in range(self.p):
                    made[i, j] += w * row[i] * row[j]
        return made

    def best(self, theta, lam):
        """Newton's steps from there."""
        theta = [mpf(number) for number in theta]
        for _ in range(6):
            first, second = self.slopes(theta)
            pull = [lam * self.penalty[k, k] * theta[k] for k in range(self.p)]
            gradient = [mp.fdot(first, [row[k] for row in self.rows]) + pull[k] for k in range(self.p)]
            step = mp.lu_solve(self.crossed(second) + lam * self.penalty, mp.matrix(gradient))
            theta = [number - move for number, move in zip(theta, step, strict=True)]
        return theta

    def reml(self, theta, lam):
        """Laplace's approximation, at the best coefficients and, where there is one, the best dispersion."""
        theta = self.best(theta, lam)
        whole = mp.log(mp.det(self.crossed(self.slopes(theta)[1]) + lam * self.penalty))
        held = mp.fsum(mp.log(lam * self.penalty[k, k]) for k in range(self.p) if self.penalty[k, k])
        free = self.p - self.rank

        def at(phi):
            return self.value(theta, lam, phi) + (whole - held) / 2 - free * mp.log(2 * mp.pi * phi) / 2

        if not self.scaled:
            return at(1)
        rough = self.pearson(theta) / (N - free)
        return at(mp.findroot(lambda phi: mp.diff(at, phi), (rough, rough * mpf("1.1"))))

    def pearson(self, theta):
        if self.nll is normal:
            return mp.fsum((y - eta) ** 2 for y, eta in zip(self.y, self.etas(theta), strict=True))
        return mp.fsum((y * mp.exp(-eta) - 1) ** 2 for y, eta in zip(self.y, self.etas(theta), strict=True))

    def deviance(self, theta):
        pairs = zip(self.y, self.etas(theta), strict=True)
        return mp.fsum(DEVIANCES[self.nll](y, eta) for y, eta in pairs)

    def gcv(self, theta, lam):
        """The logarithm of generalized cross validation, or UBRE."""
        theta = self.best(theta, lam)
        deviance, edf = self.deviance(theta), self.covariance(theta, lam)[1]
        return mp.log(N * deviance / (N - edf) ** 2) if self.scaled else deviance / N + 2 * edf / N - 1

    def covariance(self, theta, lam):
        """The inverse of the information with the penalty, and the trace of that inverse times the information."""
        information = self.crossed([self.information(eta) for eta in self.etas(theta)])
        inverse = mp.inverse(information + lam * self.penalty)
        product = inverse * information
        return inverse, mp.fsum(product[k, k] for k in range(self.p))


def fitted(name, lam=LAM):
    _, link, y, _ = CASES[name]
    return GAM(s(0, n_basis=5, lam=lam) + l(1), name, link).fit(ROWS, y)


def smoothed(model, name, log_lam):
    _, _, y, _ = CASES[name]
    matrix = model._rows(ROWS, "")[0]
    design = Linear(model._fit.names, 1, np.zeros(matrix.shape[1]))
    objective = Objective(Arrays(matrix, y), design, curves_of(model._fit.family, model._fit.curves.link, 1))
    smoothness = smoothness_of(model._pieces, [term.columns for term in model.terms_.values()], design.p)
    return objective, Smoothed(objective, smoothness, np.array([log_lam]), model.parameters_)


@pytest.mark.parametrize("name", CASES)
def test_derivatives_of_the_penalised_likelihood_are_the_numerical_ones(name):
    model = fitted(name)
    oracle = Oracle(model, name)
    objective, at = smoothed(model, name, np.log(LAM))
    objective.roughness = at.objective.roughness
    theta = 0.3 * np.arange(1.0, oracle.p + 1.0) * (-1.0) ** np.arange(oracle.p)
    totals, lam = objective.totals(theta), mpf(float(np.exp(np.log(LAM))))
    exact = [mpf(number) for number in theta.tolist()]
    assert totals.value == pytest.approx(float(oracle.value(exact, lam)), rel=1e-13)
    step = mpf(10) ** -20
    for k in range(oracle.p):
        there, back = ([*exact[:k], exact[k] + sign * step, *exact[k + 1 :]] for sign in (1, -1))
        numerical = (oracle.value(there, lam) - oracle.value(back, lam)) / (2 * step)
        assert totals.gradient[k] == pytest.approx(float(numerical), rel=1e-11)
    whole = oracle.crossed(oracle.slopes(exact)[1]) + lam * oracle.penalty
    numerical = np.array([[float(whole[i, j]) for j in range(oracle.p)] for i in range(oracle.p)])
    assert totals.matrices["observed"] == pytest.approx(numerical, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("name", CASES)
def test_a_criterion_and_its_derivative_are_the_numerical_ones(name, criterion):
    model = fitted(name)
    oracle, rho = Oracle(model, name), float(np.log(LAM))
    _, at = smoothed(model, name, rho)
    asked, ours = getattr(oracle, criterion), CRITERIA[criterion](at)
    values = [asked(at.theta.tolist(), mp.exp(rho + shift * mpf(10) ** -12)) for shift in (-1, 0, 1)]
    assert ours.value == pytest.approx(float(values[1]), rel=1e-12)
    numerical = float((values[2] - values[0]) / (2 * mpf(10) ** -12))
    assert ours.slopes() == pytest.approx([numerical], rel=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_degrees_of_freedom_and_bands_are_those_at_60_digits(name):
    model = fitted(name)
    oracle = Oracle(model, name)
    theta = oracle.best(model.parameters_.tolist(), mpf(LAM))
    assert model.parameters_ == pytest.approx(list(map(float, theta)), rel=1e-10)
    inverse, edf = oracle.covariance(theta, mpf(LAM))
    assert model.edf_ == pytest.approx(float(edf), rel=1e-11)
    phi = oracle.pearson(theta) / (N - edf) if oracle.scaled else mpf(1)
    assert model.dispersion_ == pytest.approx(float(phi), rel=1e-10)
    effect = model.partial_effect("s(0)", resolution=7)
    columns = model._pieces[0].columns(effect.x, "")
    for row, error in zip(columns.tolist(), effect.error.tolist(), strict=True):
        numbers = [mpf(0), *map(mpf, row), mpf(0)]
        square = mp.fsum(a * inverse[i, j] * b for i, a in enumerate(numbers) for j, b in enumerate(numbers))
        assert error == pytest.approx(float(mp.sqrt(phi * square)), rel=1e-10)


@pytest.mark.parametrize("name", ["gaussian", "poisson"])
def test_a_curve_is_at_the_least_of_its_likelihood_at_60_digits(name):
    nll, link, y, _ = CASES[name]
    model = GAM(fn(0, lambda x, a, b: a * sin(b * x), init=(1.0, 4.5)) + l(1), name, link).fit(ROWS, y)

    def value(*theta):
        intercept, a, b, c = theta
        etas = [intercept + a * mp.sin(b * mpf(x)) + c * mpf(z) for x, z in ROWS.tolist()]
        return mp.fsum(nll(mpf(each), eta, 1) for each, eta in zip(y.tolist(), etas, strict=True))

    def gradient(*theta):
        return [mp.diff(value, theta, tuple(int(k == j) for j in range(4))) for k in range(4)]

    best = mp.findroot(gradient, model.parameters_.tolist())
    assert model.parameters_ == pytest.approx([float(number) for number in best], rel=1e-8)
