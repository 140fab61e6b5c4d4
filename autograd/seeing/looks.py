"""How each kind of box looks, and the colours of light and dark: one table for DOT, SVG and the player."""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """A kind of box: Graphviz's attributes and its fill in light and in dark."""

    attributes: dict[str, str]
    light: str
    dark: str


# Told apart by shape and by a fill from Okabe and Ito's palette (2008), lightened for black text, darkened for white.
LOOKS = {
    "leaf": Look({"shape": "box"}, "#FFFFFF", "#30343B"),
    "parameter": Look({"shape": "hexagon", "margin": "0,0"}, "#FBE3B5", "#6B4A00"),
    "operation": Look({"shape": "box", "style": "rounded,filled"}, "#DCEFFB", "#0F4C70"),
    "result": Look({"shape": "box", "style": "rounded,filled", "peripheries": "2"}, "#CDEBE0", "#00563F"),
    "group": Look({"shape": "tab", "margin": "0.12,0.02"}, "#F3DFEA", "#63304E"),
    "input": Look({"shape": "ellipse"}, "#FFFFFF", "#30343B"),  # of a model's diagram, as are the next three
    "one": Look({"shape": "ellipse"}, "#F0F0F0", "#3A3F47"),
    "neuron": Look({"shape": "box", "style": "rounded,filled"}, "#DCEFFB", "#0F4C70"),
    "mean": Look({"shape": "box", "style": "rounded,filled"}, "#FBE3B5", "#6B4A00"),
    "broken": Look({"penwidth": "2.5"}, "#F0E442", "#6B6400"),  # over the look of a kind: a number is not finite
    "number": Look({"shape": "plaintext", "style": "", "fontsize": "10", "width": "0", "height": "0"}, "none", "none"),
    "more": Look({"shape": "plaintext", "style": "", "fontsize": "10", "width": "0", "height": "0"}, "none", "none"),
}


class Theme(NamedTuple):
    """The colours of everything else."""

    paper: str
    ink: str
    line: str
    frame: str  # behind a scope
    forward: str
    backward: str
    told: str  # text on the backward pass, darker or paler for its contrast
    pale: str  # small print

    def variables(self, dark: bool) -> str:
        """The colours as custom properties of CSS, with the fills of the boxes."""
        fills = {kind: look.dark if dark else look.light for kind, look in LOOKS.items()}
        return "".join(f"--{name}:{colour};" for name, colour in (self._asdict() | fills).items())


LIGHT = Theme("#FFFFFF", "#1A1A1A", "#555555", "#F6F6F6", "#0072B2", "#D55E00", "#A04000", "#6B6B6B")
DARK = Theme("#16181C", "#F0F0F0", "#B4B4B4", "#202329", "#56B4E9", "#FF8A3D", "#FFA366", "#A0A0A0")
THEMES = ("auto", "light", "dark")


def checked_theme(theme: str, who: str) -> str:
    """Return the name of a theme, or raise ValueError."""
    if theme not in THEMES:
        raise ValueError(f"{who}() expects a theme among {', '.join(THEMES)}, got {theme!r}")
    return theme
