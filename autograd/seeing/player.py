"""play: one page of HTML in which a graph's two passes are played step by step. Nothing is fetched from anywhere."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from ..value import Value
from .dot import picture
from .drawing import Drawing
from .formulas import definition, in_numbers
from .looks import DARK, LIGHT, LOOKS, checked_theme
from .names import Names, names
from .options import SHOWN, checked_layout, prepared
from .sentences import partial_of, sentence
from .steps import Backward, Forward, Seed, Step, last_adjoints, steps
from .svg import SHAPES
from .view import view

PAGE = Path(__file__).parent / "page"
MOST_LEAVES = 8  # that the first step lists
WIDTH = 0.085  # inches that a character of a box's number may take, in Arial of 11 points
CONTROLS = 320  # pixels that a notebook gives to all but the graph,
LEAST, MOST = 420, 680  # and to the whole


@dataclass(frozen=True, eq=False, repr=False)
class Player:
    """A page that plays the two passes over a graph: a notebook shows it, `save("passes.html")` writes it.

    `html` is the page, one file without any reference to another; `steps` says how many steps there are.
    """

    html: str
    _still: Drawing
    steps: int

    def __repr__(self) -> str:
        return f"<player of {self.steps} steps, {len(self.html.encode()) / 1000:.0f} kB; {self._still.summary}>"

    def save(self, path: str | Path) -> Path:
        """Write the page and return its path. Raises ValueError unless it ends in .html or .htm."""
        target = Path(path)
        if target.suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"Player.save() expects a path that ends in .html, got {str(path)!r}")
        target.write_text(self.html, encoding="utf-8")
        return target

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the page over a still picture, which is all that remains in one that is not trusted."""
        still = self._still._image("max-width:100%;max-height:100%")
        frame = f'<iframe sandbox="allow-scripts" title="The two passes, step by step" srcdoc="{escape(self.html)}" '
        frame += 'style="position:absolute;inset:0;width:100%;height:100%;border:0;background:white"></iframe>'
        height = min(max(self._still.height + CONTROLS, LEAST), MOST)
        html = f'<div style="position:relative;height:{height:.0f}px;overflow:hidden">{still}{frame}</div>'
        return {"text/html": html, "text/plain": repr(self)}


def play(
    root: Value,
    *,
    parameters: Any = (),
    layout: str = "auto",
    rankdir: str = "LR",
    fmt: str = ".4g",
    expand: str | Value | Iterable[str | Value] = (),
    focus: Value | str | None = None,
    radius: int = 2,
    max_nodes: int = 500,
    theme: str = "auto",
) -> Player:
    """Return a player of the forward and the backward pass below root: one page that works without a network.

    It shows the graph and, step by step, each value as it is computed and each product of the chain rule as it is added,
    with the formula of the local derivative; all leaves are one step. A link opens a step: passes.html#12. Buttons, a slider and keys (arrows, Home, End, space) move through the
    steps; a click on a box, or the list, tells all of one Value; drag to move, hold Ctrl and turn the wheel to zoom.
    The adjoints are those of this one pass, whatever `.grad` holds.

    The keywords are those that `draw` has, save for collapsing; with `focus`, the steps are those of the Values that are shown. Raises
    GraphTooLarge for more than `max_nodes` Values, GraphvizNotFound where nothing can lay out the graph.

    >>> from autograd import Value, play
    >>> a = Value(3.0, name="a")
    >>> play(a * a + a).steps
    8
    """
    checked_theme(theme, "play")
    root, nodes, options = prepared(
        "play", root, parameters, show=SHOWN, fmt=fmt, collapse=False, expand=expand,
        focus=focus, radius=radius, max_nodes=max_nodes, rankdir=rankdir,
    )  # fmt: skip
    passes = steps(root)
    ids = {node: f"v{i}" for i, node in enumerate(nodes)}
    called = names(nodes, root)
    seen = view(root, nodes, replace(options, grads=last_adjoints(passes), names=called))
    drawn = {box.id for box in seen.boxes}
    visible = [step for step in passes if _is_shown(step, ids, drawn)]
    leaves = [step.node for step in visible if isinstance(step, Forward) and step.node.op is None]
    told = [_leaves(leaves, ids, called, fmt)] if leaves else []
    told += [_told(step, ids, called, called[root], fmt) for step in visible if not _is_leaf(step)]
    widest = max(
        len(text) for step in told for text in ("grad " + step.get("after", ""), "grad " + step.get("before", ""))
    )
    widest = max(widest, *(len(line) for box in seen.boxes for line in box.lines))
    made = partial(picture, seen, rankdir, widest=widest * WIDTH + 0.15)
    still = Drawing(seen, made, checked_layout(layout, "play"), theme, called[root])
    about = [_about(node, ids, called, fmt, node is root) for node in nodes if ids[node] in drawn]
    begin = 1 + next((i for i, step in enumerate(told) if step["kind"] != "forward"), len(told) - 1)
    data = {"nodes": about, "steps": told, "backward": begin}
    return Player(_page(f"{called[root]}: the two passes", still.bare_svg(), data, theme), still, len(told))


def _is_shown(step: Step, ids: dict[Value, str], drawn: set[str]) -> bool:
    """Whether a step changes what is drawn: a product counts for its argument, also where it comes from outside."""
    return ids[step.arg if isinstance(step, Backward) else step.node] in drawn


def _is_leaf(step: Step) -> bool:
    return isinstance(step, Forward) and step.node.op is None


def _leaves(leaves: list[Value], ids: dict[Value, str], called: Names, fmt: str) -> dict[str, Any]:
    """The first step: all leaves at once."""
    listed = [f"{called[node]} = {node.data:{fmt}}" for node in leaves[:MOST_LEAVES]]
    listed += [f"… {len(leaves) - MOST_LEAVES} more"] * (len(leaves) > MOST_LEAVES)
    why = "the leaves: numbers to begin with"
    return {"kind": "forward", "nodes": [ids[node] for node in leaves], "what": ", ".join(listed), "why": why}


def _told(step: Step, ids: dict[Value, str], called: Names, root: str, fmt: str) -> dict[str, Any]:
    """A step as the page needs it."""
    said = sentence(step, called, root, fmt)
    what = " ".join(part for part in said[:4] if part)
    node = called[step.node]
    if isinstance(step, Forward):
        assert step.node.op is not None
        what = f"{said.left} {said.symbols} = {in_numbers(step.node, fmt)} {said.numbers}"
        why = f"{step.node.op.name}: {step.node.op.doc}"
        return {"kind": "forward", "nodes": [ids[step.node]], "what": what, "why": why}
    if isinstance(step, Seed):
        why = "the backward pass begins: the result changes as fast as itself"
        return {"kind": "seed", "nodes": [ids[step.node]], "after": format(step.adjoint, fmt), "what": what, "why": why}
    return {
        "kind": "backward",
        "nodes": [ids[step.node]],
        "arg": ids[step.arg],
        "edge": f"e{ids[step.node]}_{step.position}",
        "before": format(step.before, fmt),
        "after": format(step.after, fmt),
        "what": what,
        "why": f"{node} = {definition(step.node, called)}, so {partial_of(node, called[step.arg])} = {said.local}",
    }


def _about(node: Value, ids: dict[Value, str], called: Names, fmt: str, seed: bool) -> dict[str, Any]:
    """What the page tells of a Value."""
    made = f"{called[node]} = {definition(node, called)}" if node.op else "a leaf"
    return {
        "id": ids[node],
        "name": called[node],
        "op": node.op.name if node.op else "",
        "made": made,
        "data": format(node.data, fmt),
        "exact": repr(node.data),
        "seed": seed,
    }


def _page(title: str, svg: str, data: dict[str, Any], theme: str) -> str:
    """The page: style, script and data inside, and a policy under which nothing else could run or be fetched."""
    fills = "".join(f".{kind}{SHAPES} {{ fill: var(--{kind}); }}\n" for kind in LOOKS)
    style = _filled(
        (PAGE / "player.css").read_text(encoding="utf-8"),
        light=LIGHT.variables(False),
        dark=DARK.variables(True),
        fills=fills,
        forced="".join(f"--{kind}: Canvas; " for kind in LOOKS),
    )
    script = (PAGE / "player.js").read_text(encoding="utf-8")
    return _filled(
        (PAGE / "player.html").read_text(encoding="utf-8"),
        title=escape(title),
        theme=theme,
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        svg=svg,
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
    )


def _filled(template: str, **parts: str) -> str:
    """A template with each {{name}} replaced, once: what is put in is not looked at again."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], template)


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
