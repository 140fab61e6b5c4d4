"""The table of a fit: as text, and as HTML in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import nan

from .inference.intervals import quantile, reference
from .inference.result import Fit

ERRORS = {
    "expected": "expected information (Fisher's)",
    "observed": "observed information",
    "robust": "robust (sandwich)",
}


@dataclass(frozen=True)
class Summary:
    """What `GLM.summary()` returns: facts about the fit, one after the other, and a row of numbers for each coefficient."""

    title: str
    facts: list[tuple[str, str]]
    head: list[str]
    rows: list[list[str]]
    note: str

    @classmethod
    def of(
        cls,
        fit: Fit,
        names: list[str],
        estimates: list[float],
        ended: str,
        kind: str,
        level: float,
        title: str = "Generalized linear model",
        hidden: frozenset[str] = frozenset(),
        told: str = "",
    ) -> Summary:
        """Return the table of a fit: its fit, the names and estimates of its coefficients, and how it ended; coefficients whose names are
        `hidden` have no row, and what is `told` stands below.
        """
        facts = [
            ("family", fit.family.name),
            ("link", fit.curves.link.name),
            ("rows", f"{fit.n:g}"),
            ("degrees of freedom", f"{fit.freedom:g}"),
            ("deviance", f"{fit.deviance:.6g}"),
            ("null deviance", f"{fit.null_deviance:.6g}"),
            ("dispersion", f"{fit.dispersion:.6g}"),
            ("log-likelihood", f"{fit.loglik:.6g}"),
            ("AIC", f"{fit.aic:.6g}"),
            ("BIC", f"{fit.bic:.6g}"),
            ("iterations", ended),
        ]
        head, columns = ["", "estimate"], [names, [f"{x:.6g}" for x in estimates]]
        note = f"penalties: ridge {fit.ridge:g}, l1 {fit.l1:g}" if fit.ridge or fit.l1 else ""
        if fit.l1:
            note += "; no standard errors with an l1 penalty"
        else:
            ratio, errors = reference(fit), fit.standard_errors(kind).tolist()
            ratios = [x / e if e else nan for x, e in zip(estimates, errors, strict=True)]
            half = quantile(fit, level, "GLM.summary()")
            head += ["std. error", "t" if fit.student else "z", "p"]
            head += [f"{50 - 50 * level:g} %", f"{50 + 50 * level:g} %"]
            columns += [
                [f"{e:.6g}" for e in errors],
                [f"{z:.3f}" for z in ratios],
                [f"{2.0 * ratio.sf(abs(z)):.3g}" for z in ratios],
                [f"{x - half * e:.6g}" for x, e in zip(estimates, errors, strict=True)],
                [f"{x + half * e:.6g}" for x, e in zip(estimates, errors, strict=True)],
            ]
            note = f"standard errors: {ERRORS[kind]}" + (note and f"; {note}")
        rows = [list(row) for row in zip(*columns, strict=True) if row[0] not in hidden]
        return cls(title, facts, head, rows, "\n".join(filter(None, [told, note])))

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
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><small>{escape(self.note).replace(chr(10), '<br/>')}</small></div>"
        )
