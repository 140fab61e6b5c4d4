"""Tables as text and as HTML."""

from dataclasses import dataclass

from autograd.report import Report, Table


def test_columns_are_as_wide_as_their_widest_cell_and_a_heading_spans_the_empty_ones_behind_it():
    table = Table(("name", "a long heading", ""), [("x", "1", "2"), ("yyyyy", "10", "20")])
    assert str(table).splitlines() == ["  name   a long heading", "  x      1   2", "  yyyyy  10  20"]


def test_without_rows_only_the_lines_around_remain():
    table = Table(("a",), (), before=("nothing",), after=("at all",))
    assert str(table) == "nothing\nat all"
    assert table.html() == "<div><p>nothing</p><p>at all</p></div>"


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
