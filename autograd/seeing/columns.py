"""How large a picture will be: Graphviz stands boxes in columns, each behind all that it is made of."""

from __future__ import annotations

from collections.abc import Sequence

from .boxes import Box, Edge

ALONG = ("LR", "RL")  # the directions in which columns stand side by side
SCREEN = (1200.0, 900.0)  # points: 1,600 by 1,200 pixels
READABLE = 0.75  # of its size, to which a picture may be made smaller: letters are then 11 pixels high
LETTER, LINE = 5.6, 12.2  # points that a character and a line of text take
PADDING = {"number": (8.0, 4.0), "more": (8.0, 4.0), "parameter": (44.0, 26.0), "group": (18.0, 0.0)}  # around a text
BENDS = 1.08  # what labels of arrows need beside their own place
FRAME = (12.0, 32.0)  # what a frame adds
GAP, WIDE_GAP, APART = 28.0, 56.0, 6.0  # between columns, between those of many edges, and between the boxes of one
LANE = 17.0  # of an arrow that passes a column


def columns(boxes: Sequence[Box], edges: Sequence[Edge], early: bool = False) -> dict[str, int]:
    """Return the column of each box: just before that of its first user, or, `early`, just behind its last argument.

    Groups may use each other in a circle: it is cut at its last box.
    """
    nexts: dict[str, list[str]] = {box.id: [] for box in boxes}
    waiting = dict.fromkeys(nexts, 0)
    for edge in edges:
        before, after = (edge.tail, edge.head) if early else (edge.head, edge.tail)
        nexts[before].append(after)
        waiting[after] += 1
    ready, reached = [box for box, count in waiting.items() if not count], dict.fromkeys(nexts, 0)
    place: dict[str, int] = {}
    left = list(nexts)
    while len(place) < len(nexts):
        before = ready.pop() if ready else left.pop()
        if before not in place:
            place[before] = reached[before]
            for after in nexts[before]:
                reached[after] = max(reached[after], place[before] + 1)
                waiting[after] -= 1
                if not waiting[after]:
                    ready.append(after)
    last = max(place.values())
    return place if early else {box: last - column for box, column in place.items()}


def extent(boxes: Sequence[Box], edges: Sequence[Edge], along: bool) -> tuple[float, float]:
    """Return about how wide and high a picture will be, in points; its columns stand from left to right (`along`) or are rows."""
    place = columns(boxes, edges)
    count = 1 + max(place.values())
    deep, high = [0.0] * count, [0.0] * count  # of a column
    labels, lanes = [0.0] * count, [0.0] * count  # behind it: the widest label, and all arrows side by side
    for box in boxes:
        size = _size(box)
        at = place[box.id]
        deep[at] = max(deep[at], size[not along])
        high[at] += APART + size[along]
    labelled = any(edge.label for edge in edges)
    for edge in edges:
        low, last = sorted((place[edge.tail], place[edge.head]))
        label = (len(edge.label) * LETTER, LINE) if edge.label else (0.0, 0.0)
        for at in range(low, last):
            here = label if at == (low + last - 1) // 2 else (0.0, 0.0)
            labels[at] = max(labels[at], label[not along])
            lanes[at] += APART * labelled + here[along]
            high[at] += LANE * (at > low)
    frames = max(len(box.scope) for box in boxes)
    frame = FRAME if along else FRAME[::-1]
    more = BENDS if labelled else 1.0
    total = sum(deep) + sum(labels) + (count - 1) * gap(boxes, edges) + count * frames * frame[0]
    whole = more * total, more * (max(*high, *lanes) + frames * frame[1])
    return whole if along else whole[::-1]


def fits(boxes: Sequence[Box], edges: Sequence[Edge], along: bool) -> bool:
    """Whether a picture will fit a screen."""
    width, height = extent(boxes, edges, along)
    return READABLE * width <= SCREEN[0] and READABLE * height <= SCREEN[1]


def gap(boxes: Sequence[Box], edges: Sequence[Edge]) -> float:
    """How far apart columns stand: many edges need room to turn in."""
    return WIDE_GAP if len(edges) > 4 * len(boxes) else GAP


def _size(box: Box) -> tuple[float, float]:
    """About how wide and high a box is."""
    wide, high = PADDING.get(box.kind, (18.0, 10.0))
    return max(map(len, box.text)) * LETTER + wide, len(box.text) * LINE + high
