"""Colours: text can be read, and kinds can be told apart without them."""

import pytest

from autograd.seeing.looks import DARK, LIGHT, LOOKS


def luminance(colour):
    """Relative luminance, as the Web Content Accessibility Guidelines 2.2 define it."""
    parts = [int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "side"), [(LIGHT, "light"), (DARK, "dark")], ids=["light", "dark"])
def test_text_has_a_contrast_of_4_5_on_whatever_it_stands(theme, side):
    fills = [fill for look in LOOKS.values() if (fill := getattr(look, side)) != "none"]
    for ground in (theme.paper, theme.frame, *fills):
        assert contrast(theme.ink, ground) >= 4.5, ground
        assert contrast(theme.told, ground) >= 4.5 or ground in fills, ground
    for ground in fills:
        assert contrast(theme.told, ground) >= 3.0, ground  # bold, and beside the same number in the sentence below
    for colour in (theme.pale, theme.forward, theme.told):
        assert contrast(colour, theme.paper) >= 4.5, colour


@pytest.mark.parametrize(("theme", "side"), [(LIGHT, "light"), (DARK, "dark")], ids=["light", "dark"])
def test_lines_have_a_contrast_of_3(theme, side):
    for colour in (theme.line, theme.forward, theme.backward):
        assert contrast(colour, theme.paper) >= 3.0, colour


def test_kinds_differ_in_shape_or_border_as_well():
    shapes = [
        tuple(sorted((k, v) for k, v in look.attributes.items() if k in ("shape", "style", "peripheries")))
        for look in LOOKS.values()
    ]
    assert len(set(shapes[:5])) == 5
