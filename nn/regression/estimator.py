"""What scikit-learn asks of a model that has a family: parameters by name, tags, and requests for weights and offsets.

Nothing here imports scikit-learn before scikit-learn, or who uses it, asks.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cache, partial, update_wrapper
from inspect import signature
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from autograd import MissingPackage

from .. import families
from ..families import Family

Own = TypeVar("Own", bound="Estimator")
Given = ParamSpec("Given")
Result = TypeVar("Result")

ROUTED = ("fit", "predict", "predict_proba", "decision_function", "score")
DATA = ("self", "X", "y")  # what every method takes; the rest is metadata


class NotFittedError(ValueError, AttributeError):
    """A model was asked for what only a fit gives.

    Where scikit-learn has been imported, what is raised is also its `sklearn.exceptions.NotFittedError`.

    >>> from nn import GLM
    >>> try:
    ...     GLM().predict([[1.0]])
    ... except NotFittedError as error:
    ...     print(error)
    this GLM is not fitted yet: call fit(X, y) first
    """

    def __new__(cls, *args: Any) -> NotFittedError:
        """An error; where scikit-learn has been imported, one of theirs too."""
        theirs = sys.modules.get("sklearn.exceptions")
        return super().__new__(_joined(theirs.NotFittedError) if theirs and cls is NotFittedError else cls, *args)


@cache
def _joined(theirs: type) -> type[NotFittedError]:
    """The subclass of both errors. A pickle has ours, and where it is read looks again for scikit-learn."""
    reduced = {"__reduce__": lambda self: (NotFittedError, *BaseException.__reduce__(self)[1:])}
    return type("NotFittedError", (NotFittedError, theirs), {"__module__": __name__, **reduced})


class OfLabels(Generic[Given, Result]):
    """A method of those models only whose family has labels: others have no attribute of this name."""

    def __init__(self, function: Callable[Concatenate[Any, Given], Result]) -> None:
        self.function = function
        update_wrapper(self, function)  # type: ignore[arg-type]  # which is called when it has been looked up

    def __get__(self, model: Estimator | None, owner: type) -> Callable[Given, Result]:
        """The method; AttributeError if the model's family has no labels."""
        if model is None:
            return self.function  # type: ignore[return-value]  # which takes the model, too
        try:
            family = model._family
        except (TypeError, ValueError) as error:  # no family has no method of its own: hasattr says False
            raise AttributeError(str(error)) from None
        if not family.labelled:
            raise AttributeError(
                f"{owner.__name__}.{self.function.__name__}() is for families with labels, and {family!r} has "
                "none: predict() returns the mean"
            )
        return MethodType(self.function, model)


class Estimator(ABC):
    """A model with a `family` among the parameters of its constructor, and what `fit` finds in `_fit`, with its family."""

    family: str | Family
    _fit: Any
    _metadata_request: Any

    @abstractmethod
    def fit(self: Own, X: Any, y: Any) -> Own:
        """Fit to rows X and observations y, and return the model."""

    @property
    def _family(self) -> Family:
        """The family of the fit; before it, the one that is asked for."""
        return self._fit.family if self.__sklearn_is_fitted__() else families.resolved(self.family)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name."""
        return {name: getattr(self, name) for name in signature(type(self)).parameters}

    def set_params(self: Own, **params: Any) -> Own:
        """Set parameters, and return the model.

        Raises ValueError for a name that is none.
        """
        names = self.get_params()
        for name in params:
            if name not in names:
                raise ValueError(
                    f"{type(self).__name__}.set_params() got {name!r}; the parameters are {', '.join(names)}"
                )
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = signature(type(self)).parameters
        said = [
            f"{k}={v!r}"
            for k, v in self.get_params().items()
            if v is not defaults[k].default and v != defaults[k].default
        ]
        return f"{type(self).__name__}({', '.join(said)})"

    def __sklearn_is_fitted__(self) -> bool:
        """Whether `fit` has been called."""
        return hasattr(self, "_fit")

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn wants to know: that y is needed, what it may be, that X may be sparse, and what is predicted."""
        from sklearn.utils import ClassifierTags, InputTags, RegressorTags, Tags, TargetTags

        family = families.resolved(self.family)
        several = family.targets == "classes"
        positive = family.targets == "numbers" and not family.admits(-1.0)  # elsewhere -1 may be a label
        return Tags(
            estimator_type="classifier" if family.labelled else "regressor",
            target_tags=TargetTags(required=True, positive_only=positive),
            transformer_tags=None,
            classifier_tags=ClassifierTags(multi_class=several) if family.labelled else None,
            regressor_tags=None if family.labelled else RegressorTags(),
            input_tags=InputTags(sparse=True),
        )

    def get_metadata_routing(self) -> Any:
        """Return what each method asks scikit-learn's metadata routing for, a `MetadataRequest` of theirs.

        Raises ImportError where scikit-learn is missing.
        """
        from sklearn.utils.metadata_routing import MetadataRequest, get_routing_for_object

        if hasattr(self, "_metadata_request"):
            return get_routing_for_object(self._metadata_request)
        asked = MetadataRequest(owner=type(self).__name__)
        for method in filter(partial(hasattr, type(self)), ROUTED):
            for name in signature(getattr(type(self), method)).parameters:
                if name not in DATA:
                    getattr(asked, method).add_request(param=name, alias=None)
        return asked

    def _request(self: Own, method: str, asked: dict[str, Any]) -> Own:
        """Ask for metadata of a method by name: True, False, None (an error where it is passed) or another name for it."""
        who = f"{type(self).__name__}.set_{method}_request()"
        with MissingPackage.told(who):
            from sklearn import get_config
        if not get_config()["enable_metadata_routing"]:
            raise RuntimeError(f"{who} needs sklearn.set_config(enable_metadata_routing=True) before")
        routing = self.get_metadata_routing()
        own = getattr(routing, method)
        for name, alias in asked.items():
            if name not in own.requests:
                raise TypeError(f"{who} got {name!r}; what {method}() can be handed is {', '.join(own.requests)}")
            own.add_request(param=name, alias=alias)
        self._metadata_request = routing
        return self

    def set_fit_request(self: Own, **asked: bool | str | None) -> Own:
        """Say what scikit-learn's metadata routing hands to `fit`, as in sample_weight=True, and return the model.

        A value is True (hand it on), False (leave it out), None (an error where somebody passes it) or the name that it
        is passed by.

        Raises TypeError for what `fit` does not take, RuntimeError where the routing of scikit-learn is off.
        """
        return self._request("fit", asked)

    def set_predict_request(self: Own, **asked: bool | str | None) -> Own:
        """Say what scikit-learn's metadata routing hands to `predict`, as `set_fit_request` does of `fit`."""
        return self._request("predict", asked)

    def set_predict_proba_request(self: Own, **asked: bool | str | None) -> Own:
        """Say what scikit-learn's metadata routing hands to `predict_proba`, as `set_fit_request` does of `fit`."""
        return self._request("predict_proba", asked)

    def set_decision_function_request(self: Own, **asked: bool | str | None) -> Own:
        """Say what scikit-learn's metadata routing hands to `decision_function`, as `set_fit_request` does of `fit`."""
        return self._request("decision_function", asked)

    def set_score_request(self: Own, **asked: bool | str | None) -> Own:
        """Say what scikit-learn's metadata routing hands to `score`, as `set_fit_request` does of `fit`."""
        return self._request("score", asked)
