"""The command line."""

import ast
import subprocess
import sys

import pytest

from autograd.__main__ import main
from autograd.parser import ExpressionError, evaluate


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_it_prints_both_tables_and_writes_nothing_that_was_not_asked_for(tmp_path, capsys):
    assert main(["x1*x2 + sin(x1)", "x1=2", "x2=3"]) == 0
    out = capsys.readouterr().out
    assert "y   = v1 + v2  = 6.9093" in out
    assert out.endswith("(3 -> 2.58385)\n")
    assert not list(tmp_path.iterdir())


FORMULAS = ["x*x", "-x*x", "--x", "(x)"]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["-o", "g.svg"], "the graph is drawn in g.svg"),
        (["--output", "g.svg"], "the graph is drawn in g.svg"),
        (["--output=g.svg"], "the graph is drawn in g.svg"),
        (["--play", "p.html"], "both passes are played in p.html"),
        (["--play=p.html"], "both passes are played in p.html"),
        (["--tex"], "y = "),
        (["--trace", "-o", "g.png"], "the graph is drawn in g.png"),
        (["-o", "g.dot", "--play=p.html", "--trace"], "the graph is drawn in g.dot"),
    ],
    ids=lambda x: x if isinstance(x, str) else " ".join(x),
)
def test_options_may_stand_before_the_formula_or_behind_it(flags, told, formula, tmp_path, capsys):
    first = []
    for words in ([*flags, formula, "x=2"], [formula, "x=2", *flags]):
        assert main(words) == 0
        first.append(capsys.readouterr().out)
        files = {path.name: path.read_bytes()[:15] for path in tmp_path.iterdir()}
        assert set(files) == {name for flag in flags for name in flag.split("=") if "." in name}
        assert all(data.startswith(MAGIC[name[-4:]]) for name, data in files.items())
        for path in list(tmp_path.iterdir()):
            path.unlink()
    assert first[0] == first[1]
    assert told in first[0]


MAGIC = {".svg": b"<svg", ".png": b"\x89PNG", ".dot": b"digraph", "html": b"<!DOCTYPE html>"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-o"], "expected one argument"),
        (["x*x", "x=2", "--output"], "expected one argument"),
        (["x*x", "x=2", "--drw"], "unrecognized arguments: --drw"),
        ([], "the following arguments are required: expression"),
    ],
)
def test_options_that_are_none_are_told_and_end_with_exit_code_2(words, told, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_help_names_every_option(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["-h"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    words = ("expression [name=value ...]", "-o FILE", "--output FILE", "--play PAGE.html", "--trace", "--tex")
    assert all(word in out for word in words)


def test_the_trace_and_the_formula_are_printed_alone(tmp_path, capsys):
    assert main(["--trace", "x*x", "x=3"]) == 0
    assert "dy/dx = dy/dy * x + dy/dy * x" in " ".join(capsys.readouterr().out.split())
    assert main(["x*x", "x=3", "--tex"]) == 0
    assert capsys.readouterr().out == "y = x \\cdot x\n"
    assert main(["--trace", "--tex", "-x", "x=3"]) == 0
    assert capsys.readouterr().out.startswith("\\begin{array}")
    assert not list(tmp_path.iterdir())


def test_a_graph_too_large_for_a_trace_is_an_error_of_one_line(capsys):
    assert main(["--trace", " * ".join(["(" + " + ".join(["x"] * 300) + ")"] * 4), "x=1"]) == 1
    assert "writes up to 1000" in capsys.readouterr().err
    assert main(["where(0, x, 2)", "x=1", "--trace"]) in (0, 2)


def test_what_is_not_finite_is_diagnosed(capsys):
    assert main(["log(exp(a) + exp(b))", "a=1000", "b=0"]) == 0
    assert "write          logsumexp([a, b]) = 1000" in capsys.readouterr().out


def test_a_page_with_another_suffix_is_refused(capsys):
    assert main(["x*x", "x=2", "--play", "passes.txt"]) == 1
    assert "ends in .html" in capsys.readouterr().err


def test_the_output_s_suffix_names_its_format(tmp_path):
    assert main(["x*x", "x=2", "--output", "g.png"]) == 0
    assert (tmp_path / "g.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "result"),
    [
        (["(x1*x2*sin(x3) + exp(x1*x2))/x3", "x1=2", "x2=3", "x3=0.5"], "812.611"),
        (["-x*2", "x=3"], "-6"),
        (["+x", "x=pi/2"], "1.5708"),
        (["x", "x=-1e3"], "-1000"),
        (["where(x > 0, log(x), 0)", "x=-1"], "0"),
        (["logsumexp([x, 0]) + clip(x, -1, 1)", "x=0"], "0.693147"),
        (["leaky_relu(x) * 2**x / e", "x=1"], "0.735759"),
        (["1/x", "x=0"], "inf"),
        (["ln(x)", "x=e"], "1"),
        (["x >= 0 * x", "x=0"], None),
        (["polygamma(1, x) * True", "x=1"], "1.64493"),
    ],
)
def test_formulas(words, result, capsys):
    code = main(words)
    if result is None:
        assert code == 2
    else:
        assert code == 0
        last = capsys.readouterr().out.split("\n\n")[0].splitlines()[-1]
        assert last.endswith(f"= {result}")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x +", "x=1"], "cannot read 'x +': invalid syntax"),
        (["[x", "x=1"], "was never closed"),
        (["foo(x)", "x=1"], "unknown function foo(): did you mean floor()?\n"),
        (["qqqq(x)", "x=1"], "unknown function qqqq()\n"),
        (["2x + 1", "x=1"], "(a product is written 2*x, a power x**2, a function sin(x); there is no = in it)\n"),
        (["x", "x=1", "x=2"], "a variable is given two values\n"),
        (["e*x", "e=2", "x=1"], "e is a constant, 2.71828: give the variable another name\n"),
        (["x1 + x2", "x1=1"], "x2 has no value: add x2=... behind the expression\n"),
        (["x", "x=1", "z=2"], "z is not a variable of the expression; it has x\n"),
        (["1", "z=2"], "z is not a variable of the expression; it has none\n"),
        (["1 + 2"], "the expression has no variable to differentiate by\n"),
        (["[x, x]", "x=1"], "no number results\n"),
        (["x^2", "x=1"], "'x ^ 2' is not part of a formula (a power is written **)\n"),
        (["x | 2", "x=1"], "'x | 2' is not part of a formula\n"),
        (["sin", "x=1"], "x is not a variable"),
        (["sin + x", "x=1"], "sin is a function: write sin(...)\n"),
        (["sin(x, x)", "x=1"], "takes 1 positional argument but 2 were given"),
        (["__import__('os').system('true')", "x=1"], "x is not a variable"),
        (["x.__class__", "x=1"], "'x.__class__' is not part of a formula\n"),
        (["(lambda: x)()", "x=1"], "is not part of a formula"),
        (["'x' * x", "x=1"], "is not part of a formula"),
        (["sin(x=1)"], "is not part of a formula"),
        (["x if x else x", "x=1"], "is not part of a formula"),
        (["0 < x < 1", "x=1"], "is not part of a formula"),
        (["[x][0]", "x=1"], "is not part of a formula"),
        (["x", "x"], "expected name=value, got 'x'\n"),
        (["x", "2=3"], "expected name=value, got '2=3'\n"),
        (["x", "x=one"], "expected a number for x, got 'one'"),
        (["x", "x=[1]"], "expected a number for x, got '[1]'\n"),
        (["x", "x="], "cannot read"),
        (["x * " + "9" * 400, "x=1"], "int too large"),
        (["(" * 300 + "x" + ")" * 300, "x=1"], "too many nested parentheses"),
        (["-" * 100_000 + "x", "x=1"], "nested too deeply"),
        (["+".join(["x"] * 100_000), "x=1"], "nested too deeply"),
        (["x\0", "x=1"], "cannot read"),
        (["", "x=1"], "cannot read"),
        (["x + " * 10_000, "x=1"], "cannot read 'x + x"),
        ([f"x if {'x*' * 100}x else 1", "x=1"], "\u2026' is not part of a formula"),
        (["+".join(f"x{i}" for i in range(500)), "z=1"], "it has x0, x1, x2, "),
        (["z" * 10_000, "x=1"], "is not a variable of the expression; it has zzz"),
        (["z" * 10_000], "\u2026 has no value: add zzz"),
        (["z" * 10_000 + "(1)"], "\u2026()\n"),
        (["x", "x" * 10_000], "expected name=value, got 'xxx"),
        (["x", "x=[" + "1," * 10_000 + "1]"], "expected a number for x, got '[1,1,"),
        (["x", "y" * 10_000 + "=1"], "is not a variable of the expression; it has x\n"),
    ],
)
def test_bad_input_gets_one_clear_line_and_exit_code_2(words, message, capsys):
    assert main(words) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert len(error) < 500


def test_a_deep_tree_is_refused_too():
    tree = ast.Name(id="x")
    for _ in range(100_000):
        tree = ast.UnaryOp(op=ast.USub(), operand=tree)
    with pytest.raises(ExpressionError, match="nested too deeply"):
        evaluate(tree, {"x": 1.0})
    while isinstance(tree, ast.UnaryOp):
        tree = tree.operand  # freed from the top, so that the interpreter does not recurse


@pytest.mark.parametrize("output", ["missing/g.svg", "g.nothing"])
def test_a_picture_that_cannot_be_written_is_told_after_the_tables(output, capsys):
    assert main(["x*x", "x=2", "--output", output]) == 1
    captured = capsys.readouterr()
    assert "backward" in captured.out
    assert "no picture:" in captured.err


def test_python_m_autograd_runs_it():
    run = subprocess.run([sys.executable, "-m", "autograd", "x*x", "x=3"], capture_output=True, text=True, check=True)
    assert "= 9" in run.stdout
    run = subprocess.run([sys.executable, "-m", "autograd", "x*"], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert subprocess.run([sys.executable, "-m", "autograd", "--help"], capture_output=True, check=True).stdout
