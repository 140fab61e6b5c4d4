"""The table of a fit: as text, and as HTML in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .glm import GLM

ERRORS = {
    "expected": "expected information (Fisher's)",
    "observed": "observed information",
    "robust": "robust (sandwich)",
}


@dataclass
class Summary:
    """What `GLM.summary()` returns: facts about the fit, one after the other, and a row of numbers for each coefficient."""

    title: str
    facts: list[tuple[str, str]]
    head: list[str]
    rows: list[list[str]]
    note: str

    @classmethod
    def of(cls, model: GLM, kind: str | None, level: float) -> Summary:
        """Return the table of a fitted model."""
        from scipy.stats import norm, t

        inference = model._fitted
        kind = inference.kinds[0] if kind is None else kind
        facts = [
            ("family", inference.family.name),
            ("link", inference.curves.link.name),
            ("rows", f"{inference.n:g}"),
            ("degrees of freedom", f"{inference.freedom:g}"),
            ("deviance", f"{model.deviance_:.6g}"),
            ("null deviance", f"{model.null_deviance_:.6g}"),
            ("dispersion", f"{model.dispersion_:.6g}"),
            ("log-likelihood", f"{model.loglik_:.6g}"),
            ("AIC", f"{model.aic_:.6g}"),
            ("BIC", f"{model.bic_:.6g}"),
            ("iterations", f"{model.n_iter_}" + ("" if model.converged_ else ", NOT CONVERGED")),
        ]
        estimates = model.parameters_.tolist()
        head, columns, note = ["", "estimate"], [model.parameter_names_, [f"{x:.6g}" for x in estimates]], ""
        if inference.l1:
            note = f"alpha {model.alpha:g}, l1_ratio {model.l1_ratio:g}: no standard errors with an l1 penalty"
        else:
            errors = model.standard_errors(kind).tolist()
            ratios = [x / e if e else float("nan") for x, e in zip(estimates, errors, strict=True)]
            made = t(inference.freedom) if inference.student else norm()
            ends = model.conf_int(level, kind).tolist()
            head += [
                "std. error",
                "t" if inference.student else "z",
                "p",
                f"{50 - 50 * level:g} %",
                f"{50 + 50 * level:g} %",
            ]
            columns += [
                [f"{e:.6g}" for e in errors],
                [f"{z:.3f}" for z in ratios],
                [f"{2.0 * made.sf(abs(z)):.3g}" for z in ratios],
                [f"{low:.6g}" for low, _ in ends],
                [f"{high:.6g}" for _, high in ends],
            ]
            note = f"standard errors: {ERRORS[kind]}"
            if model.alpha:
                note += f"; of a penalized fit, alpha {model.alpha:g}"
        return cls("Generalized linear model", facts, head, [list(row) for row in zip(*columns, strict=True)], note)

    def __str__(self) -> str:
        widths = [max(len(row[k]) for row in [self.head, *self.rows]) for k in range(len(self.head))]
        lines = [self._line(self.head, widths), *(self._line(row, widths) for row in self.rows)]
        half = (len(self.facts) + 1) // 2
        left = max(len(name) + len(value) for name, value in self.facts[:half]) + 2
        facts = []
        for k in range(half):
            name, value = self.facts[k]
            line = f"{name}{value:>{left - len(name)}}"
            if k + half < len(self.facts):
                name, value = self.facts[k + half]
                line += f"    {name}{value:>{32 - len(name)}}"
            facts.append(line)
        return "\n".join([self.title, *facts, "", *lines, "", self.note])

    @staticmethod
    def _line(cells: list[str], widths: list[int]) -> str:
        rest = [f"{cell:>{width}}" for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return "  ".join([f"{cells[0]:<{widths[0]}}", *rest])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        facts = "".join(
            f"<tr><td style='text-align:left'>{escape(name)}</td><td>{escape(value)}</td></tr>"
            for name, value in self.facts
        )
        head = "".join(f"<th>{escape(cell)}</th>" for cell in self.head)
        rows = "".join(
            "<tr>"
            + f"<th style='text-align:left'>{escape(row[0])}</th>"
            + "".join(f"<td>{escape(x)}</td>" for x in row[1:])
            + "</tr>"
            for row in self.rows
        )
        return (
            f"<div><b>{escape(self.title)}</b><table>{facts}</table>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><small>{escape(self.note)}</small></div>"
        )
