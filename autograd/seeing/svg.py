"""Graphviz's SVG made ours: named kinds, a readable title, a font that every machine has, light and dark."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from .boxes import Box, View
from .looks import DARK, LIGHT, LOOKS

NAMESPACE = "http://www.w3.org/2000/svg"
FAMILY = "Arial, 'Liberation Sans', Arimo, Helvetica, sans-serif"
ET.register_namespace("", NAMESPACE)

TEXT = {"font-family": "*", "fill": "*", "text-anchor": "start", "font-size": "11.00", "xml:space": "*"}  # said once
TOLD = (LIGHT.told, DARK.told)  # of numbers of the backward pass, which keep their colour
SHAPES = ">*:not(text):not([fill=none])"

DARKENED = (
    "@media (prefers-color-scheme: dark){"
    + f".paper,.words>polygon{{fill:{DARK.paper}}}text{{fill:{DARK.ink}}}"
    + f".node>*:not(text),.edge>*{{stroke:{DARK.line}}}.edge>polygon{{fill:{DARK.line}}}.edge>text{{stroke:none}}"
    + f".edge.plus>path{{stroke:{DARK.forward}}}.edge.minus>path{{stroke:{DARK.backward}}}text[fill='{LIGHT.told.lower()}']{{fill:{DARK.told}}}"
    + f".cluster{SHAPES}{{fill:{DARK.frame}}}"
    + "".join(f".{kind}{SHAPES}{{fill:{look.dark}}}" for kind, look in LOOKS.items())
    + f".node.broken>*:not(text){{stroke:{DARK.ink}}}.node.focus>*:not(text){{stroke:{DARK.forward}}}"
    + "}"
)


def restyled(svg: str, seen: View, theme: str, name: str, bare: bool = False) -> str:
    """Return what Graphviz drew as an SVG of its own: with a title and a description, and classes that name the kinds. A `bare` one has no colours, for a page that brings them."""
    root = ET.fromstring(svg.encode())
    boxes = {box.id: box for box in seen.boxes}
    edges = {f"e{edge.id}": edge for edge in seen.edges}
    root.set("role", "img")
    root.set("aria-label", f"{name}: {seen.summary}")
    graph = root[0]
    head = [_element("title", name), _element("desc", seen.summary)]
    if not bare:
        head.append(_element("style", DARKENED if theme == "auto" else ""))
    root[:0] = head
    graph.attrib.pop("id", None)
    graph.attrib.update({"font-family": FAMILY, "font-size": "11"})
    graph.set("fill", "currentColor" if bare else (DARK if theme == "dark" else LIGHT).ink)
    for part in graph:
        if _tag(part) == "polygon":
            part.set("class", "paper")
        elif part.get("id") in boxes:
            _node(part, boxes[part.attrib["id"]], bare)
        elif part.get("class") == "edge":
            _drop(part, "title")
            edge = edges.get(part.get("id", ""))
            if edge and edge.sign:
                part.set("class", f"edge {edge.sign}")
            if edge and edge.title:
                part.insert(0, _element("title", edge.title))
        else:
            if part.get("class") == "node":
                part.set("class", "words")
            _drop(part, "title")
            part.attrib.pop("id", None)
        _lighten(part, bare)
    return ET.tostring(root, encoding="unicode")


def _node(part: ET.Element, box: Box, bare: bool) -> None:
    """One box: its kind, what it says to those who point at it; centred numbers where they will change."""
    part.set("class", f"node {box.kind}" + " broken" * (not box.finite) + " focus" * box.focus)
    inner = [e for e in part.iter() if _tag(e) in ("polygon", "path", "text", "ellipse", "polyline")]
    part[:] = [_element("title", box.title), *inner]
    if bare and box.lines:
        corners = re.findall(r"(-?[\d.]+),", inner[0].get("points") or inner[0].get("d") or "")
        middle = (min(map(float, corners)) + max(map(float, corners))) / 2.0
        for line in [e for e in inner if _tag(e) == "text"][-len(box.lines) :]:
            line.attrib.update({"text-anchor": "middle", "x": f"{middle:.2f}"})


def _lighten(part: ET.Element, bare: bool) -> None:
    """Leave out what the whole says already."""
    for element in part.iter():
        if _tag(element) == "text":
            for key, value in TEXT.items():
                if key == "fill" and str(element.get(key)).upper() in TOLD:
                    continue
                if element.get(key) in (value, None) or value == "*":
                    element.attrib.pop(key, None)
        elif bare:
            element.attrib.pop("stroke", None)
            if element.get("fill") != "none":
                element.attrib.pop("fill", None)
        element.tail = None
        if _tag(element) == "g":
            element.text = None


def _element(tag: str, text: str | None = None) -> ET.Element:
    element = ET.Element(f"{{{NAMESPACE}}}{tag}")
    element.text = text
    return element


def _drop(part: ET.Element, tag: str) -> None:
    for element in [e for e in part if _tag(e) == tag]:
        part.remove(element)


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
