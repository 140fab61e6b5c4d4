"""Tables as text and as HTML."""

from dataclasses import dataclass
from xml.etree import ElementTree

from autograd.seeing.tables import Report, Table


def test_columns_are_as_wide_as_their_widest_cell_and_a_heading_spans_the_empty_ones_behind_it():
    table = Table(("name", "a long heading", ""), [("x", "1", "2"), ("yyyyy", "10", "20")])
    assert str(table).splitlines() == ["  name   a long heading", "  x      1   2", "  yyyyy  10  20"]


def test_without_rows_only_the_lines_around_remain():
    table = Table(("a",), (), before=("nothing",), after=("at all",))
    assert str(table) == "nothing\nat all"
    assert table.html() == "<div><p>nothing</p><p>at all</p></div>"


def test_a_heading_wider_than_its_columns_widens_the_last_of_them():
    table = Table(("a", "twelve wide!", "", "b"), [("1", "2", "3", "4")])
    assert str(table).splitlines() == ["  a  twelve wide!  b", "  1  2  3          4"]


def test_the_first_heading_may_be_empty_and_then_has_a_column_of_its_own():
    assert str(Table(("", "n"), [("x", "1")])).splitlines() == ["     n", "  x  1"]
    assert str(Table(("", ""), [("x", "1")])).splitlines() == ["  x  1"]


def test_html_has_the_lines_around_the_headings_over_their_columns_and_the_cells_and_nothing_else():
    page = ElementTree.fromstring(
        Table(("", "n", "", ""), [("x", "1", "2", "3"), ("y", "4", "5", "6")], ("a", "b"), ("c", "d")).html()
    )
    kinds = [(part.tag, part.text) for part in page]
    assert kinds == [("p", "a"), ("p", "b"), ("table", None), ("p", "c"), ("p", "d")]
    assert not any((part.tail or "").strip() for part in page.iter())
    assert not any((part.text or "").strip() for part in page.iter() if part.tag not in ("p", "th", "td"))
    heads = page.findall("table/thead/tr/th")
    assert [(th.text, th.get("colspan"), th.get("scope")) for th in heads] == [(None, "1", "col"), ("n", "3", "col")]
    assert {th.get("style") for th in heads} == {"text-align:left"}
    rows = page.findall("table/tbody/tr")
    assert [[td.text for td in row] for row in rows] == [["x", "1", "2", "3"], ["y", "4", "5", "6"]]
    styles = {tuple(td.get("style").split(";")) for td in page.iter("td")}
    assert styles == {("text-align:left", "padding:1px 10px 1px 0", "white-space:pre", "font-family:monospace")}


def test_html_escapes_cells():
    html = Table(("<h>",), [("<a>",), ("&",)]).html()
    assert "&lt;a&gt;" in html
    assert "&lt;h&gt;" in html


def test_a_report_shows_its_table():
    @dataclass(frozen=True)
    class Short(Report):
        text: str

        def _table(self):
            return Table((), (), (self.text,))

    assert Short("short")._repr_mimebundle_() == {"text/plain": "short", "text/html": "<div><p>short</p></div>"}
