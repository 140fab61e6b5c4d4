"""Links and families in mpmath, by their textbook definitions; data to fit them to."""

import numpy as np
from mpmath import mp, mpf

from nn import families, links

LINKS = {
    "identity": lambda eta: eta,
    "log": mp.exp,
    "logit": lambda eta: 1 / (1 + mp.exp(-eta)),
    "probit": lambda eta: mp.erfc(-eta / mp.sqrt(2)) / 2,
    "cloglog": lambda eta: 1 - mp.exp(-mp.exp(eta)),
    "loglog": lambda eta: mp.exp(-mp.exp(-eta)),
    "cauchit": lambda eta: mp.atan(eta) / mp.pi + mpf(1) / 2,
    "inverse": lambda eta: 1 / eta,
    "inverse_squared": lambda eta: 1 / mp.sqrt(eta),
    "sqrt": lambda eta: eta**2,
    "power(0.4)": lambda eta: eta ** (1 / mpf(0.4)),
    "negative_binomial(0.5)": lambda eta: 1 / (mpf(0.5) * (mp.exp(-eta) - 1)),
    "chance": lambda eta: mpf(1) / 4 + mpf(3) / 4 / (1 + mp.exp(-eta)),
}


def part(weight, x):
    """A term, and 0 where its weight is 0."""
    return weight * x() if weight else mpf(0)


def normal(y, mu, phi):
    return (y - mu) ** 2 / (2 * phi) + mp.log(2 * mp.pi * phi) / 2


def bernoulli(y, mu, phi):
    return -part(y, lambda: mp.log(mu)) - part(1 - y, lambda: mp.log(1 - mu))


def poisson(y, mu, phi):
    return mu - part(y, lambda: mp.log(mu)) + mp.loggamma(y + 1)


def gamma(y, mu, phi):
    k = 1 / phi
    return -(k * mp.log(k / mu) + (k - 1) * mp.log(y) - k * y / mu - mp.loggamma(k))


def inverse_gaussian(y, mu, phi):
    return -(mp.log(1 / (2 * mp.pi * phi * y**3)) / 2 - (y - mu) ** 2 / (2 * phi * mu**2 * y))


def negative_binomial(y, mu, phi, size=2):
    ways = mp.loggamma(y + size) - mp.loggamma(size) - mp.loggamma(y + 1)
    return -(ways + size * mp.log(size / (size + mu)) + part(y, lambda: mp.log(mu / (size + mu))))


def tweedie(y, mu, phi, p=1.5):
    return (part(y, lambda: mu ** (1 - p) / (p - 1)) + mu ** (2 - p) / (2 - p)) / phi


def laplace(y, mu, phi):
    return abs(y - mu) / phi + mp.log(2 * phi)


# Each family with its likelihood, its variance at phi = 1 and observations to try.
FAMILIES = {
    families.Gaussian: (normal, lambda mu: mpf(1), (-1.5, 0.75, 3.0)),
    families.Bernoulli: (bernoulli, lambda mu: mu * (1 - mu), (0.0, 0.3, 1.0)),
    families.Poisson: (poisson, lambda mu: mu, (0.0, 1.0, 7.0)),
    families.Gamma: (gamma, lambda mu: mu**2, (0.125, 1.0, 5.5)),
    families.InverseGaussian: (inverse_gaussian, lambda mu: mu**3, (0.25, 1.0, 5.5)),
    families.NegativeBinomial(0.5): (negative_binomial, lambda mu: mu + mu**2 / 2, (0.0, 1.0, 7.0)),
    families.Tweedie(1.5): (tweedie, lambda mu: mu ** mpf(1.5), (0.0, 0.5, 4.0)),
    families.Laplace: (laplace, None, (-1.4, 0.7, 3.1)),
}

CHANCE = links.Link(lambda eta: 0.25 + 0.75 * links.sigmoid(eta), range=(0.25, 1.0), name="chance")
ALL_LINKS = [
    *(link for link in links.LINKS.values() if not link.several),
    links.power(0.4),
    links.negative_binomial(0.5),
    CHANCE,
]


def etas(link):
    """Predictors in the domain of a link."""
    low, high = link.domain
    points = np.array([0.0625, 0.5, 1.25, 3.0])
    return (low + points if low > -np.inf else high - points if high < np.inf else np.r_[-points, 0.0, points]).tolist()


def pairs():
    """Each family with each link, and predictors whose means lie in the family's support."""
    for family in FAMILIES:
        low, high = family.support
        for link in ALL_LINKS:
            inside = [eta for eta in etas(link) if low < link.inverse(eta) < high]
            if inside:
                yield family, link, inside


def simulated(family, link, count=300, seed=0, effect=0.2):
    """Rows of two columns and observations of a family whose means a link makes of them."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.0, 1.0, (count, 2))
    low, high = max(family.support[0], link.range[0]), min(family.support[1], link.range[1])
    middle = link(0.5 * (low + high) if high - low < np.inf else low + 2.0 if low > -np.inf else 1.0)
    eta = middle + effect * min(1.0, abs(middle) or 1.0) * (X[:, 0] - 0.6 * X[:, 1])
    mu = np.array([link.inverse(x) for x in eta])
    draws = {
        "gaussian": lambda: rng.normal(mu, 0.3),
        "bernoulli": lambda: (rng.random(count) < mu).astype(float),
        "poisson": lambda: rng.poisson(mu).astype(float),
        "gamma": lambda: rng.gamma(4.0, mu / 4.0),
        "inverse_gaussian": lambda: rng.wald(mu, 8.0),
        "negative_binomial(0.5)": lambda: rng.negative_binomial(2, 2.0 / (2.0 + mu)).astype(float),
        "tweedie(1.5)": lambda: np.array(
            [
                rng.gamma(2.0 * n + 1e-300, 0.5 * m) if n else 0.0
                for n, m in zip(rng.poisson(1.0, count), mu, strict=True)
            ]
        ),
        "laplace": lambda: rng.laplace(mu, 0.3),
    }
    return X, draws[family.name]()
