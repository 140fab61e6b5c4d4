"""The picture of a graph: a `graphviz.Digraph` that needs no system Graphviz. All that touches Graphviz is here."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import GraphvizNotFound, MissingPackage

with MissingPackage.told("draw()"):
    import graphviz

WAY_OUT = (
    "Graphviz is not installed. Any one of these mends it: pip install 'pygraphviz>=2.0' (no root needed); "
    "Debian and Ubuntu: apt install graphviz; Fedora: dnf install graphviz; macOS: brew install graphviz; "
    "Windows: winget install graphviz. Without it, .source has the graph as DOT text."
)

DRAW = """
import sys, pygraphviz
_, format, engine = sys.argv
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=format, prog=engine))
"""


class Picture(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that is drawn by the system's `dot`, or by pygraphviz's wheels where there is none.

    Edited, piped, rendered and shown as any other; in a notebook it never raises. `renderer` and `formatter` are for
    the system's `dot` only. Raises GraphvizNotFound where neither is installed.
    """

    layout = "auto"  # or only "system", only "wheels"

    def pipe(self, format: str | None = None, *args: Any, encoding: str | None = None, **kwargs: Any) -> Any:
        """Return the picture in a format as bytes, or as text in an encoding."""
        try:
            if self.layout == "wheels":
                raise graphviz.ExecutableNotFound(["dot"])
            return super().pipe(format, *args, encoding=encoding, **kwargs)
        except graphviz.ExecutableNotFound:
            data = self._drawn_by_wheels(format or self.format, kwargs.get("engine"))
            return data if encoding is None else data.decode(encoding)

    def render(
        self,
        filename: Any = None,
        directory: Any = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        outfile: Any = None,
        **kwargs: Any,
    ) -> str:
        """Write the source and the picture, and return the picture's path."""
        files = {"directory": directory, "cleanup": cleanup, "format": format, "outfile": outfile}
        try:
            return super().render(filename, view=view, **files, **kwargs)  # type: ignore[no-any-return]
        except graphviz.ExecutableNotFound:
            suffix = format or (Path(outfile).suffix[1:] if outfile else self.format)
            data = self._drawn_by_wheels(suffix, kwargs.get("engine"))
            if outfile and filename is None:
                filename = Path(outfile).with_suffix(".gv")
            source = Path(self.save(filename, directory=directory))
            path = Path(outfile) if outfile else source.with_name(f"{source.name}.{suffix}")
            path.write_bytes(data)
            if cleanup:
                source.unlink()
            return str(path)

    def _drawn_by_wheels(self, format: str, engine: str | None) -> bytes:
        if self.layout == "system" or find_spec("pygraphviz") is None:
            raise GraphvizNotFound(WAY_OUT)
        # In a process of its own, because what Graphviz and its font library print goes to the terminal.
        command = [sys.executable, "-c", DRAW, format, engine or self.engine]
        run = subprocess.run(command, input=self.source.encode(), capture_output=True, check=False)
        if run.returncode:
            raise graphviz.CalledProcessError(run.returncode, "pygraphviz", run.stdout, run.stderr)
        return bytes(run.stdout)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **kwargs: Any) -> dict[str, Any]:
        """What a notebook shows: the picture, or the reason why there is none. It never raises."""
        try:
            return super()._repr_mimebundle_(include, exclude, **kwargs)  # type: ignore[no-any-return]
        except (GraphvizNotFound, graphviz.CalledProcessError, OSError) as reason:
            return {"text/plain": f"No picture: {reason}"}
