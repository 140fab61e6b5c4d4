"""Functions of structures with arguments, written for NumPy and for JAX alike: `xp` is the one or the other."""

MATRIX = [[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]]

# For each: a function of xp that returns the function, and its arguments; a list under "array" is made an array.
CASES = {
    "a number by a number": (lambda xp: lambda x: x * x * x, [2.0]),
    "a list by a list": (lambda xp: lambda v: [v[0] * v[1], v[0] * v[0]], [[2.0, 3.0]]),
    "an array by a list": (lambda xp: lambda v: xp.array([v[0] * v[1], v[0]]), [[2.0, 3.0]]),
    "a list by an array": (lambda xp: lambda v: [v[0] * v[1], v[1] ** 3], [{"array": [2.0, 3.0]}]),
    "an array by an array": (lambda xp: lambda v: v * v * v[0], [{"array": [2.0, 3.0, -1.0]}]),
    "a matrix by an array": (lambda xp: lambda v: xp.outer(v, v * v), [{"array": [2.0, 3.0]}]),
    "an array by a matrix": (lambda xp: lambda m: m @ m[0], [{"array": MATRIX}]),
    "a number by a matrix": (lambda xp: lambda m: (m * m * m).sum(), [{"array": MATRIX}]),
    "an array by a dict": (
        lambda xp: lambda d: xp.array([d["a"] ** 2 * d["b"], d["b"] ** 3]), [{"a": 2.0, "b": 5.0}],
    ),
    "a number by a dict with an array": (
        lambda xp: lambda p: p["b"] * p["w"][0] ** 2 + 5 * p["w"][1] * p["b"] + 7 * p["b"] ** 2,
        [{"w": {"array": [2.0, 3.0]}, "b": 4.0}],
    ),
    "a dict by a dict": (
        lambda xp: lambda d: {"s": d["x"] * d["y"], "v": d["x"] * d["y"] ** 2}, [{"x": {"array": [1.0, 2.0]}, "y": 3.0}],
    ),
    "nested": (
        lambda xp: lambda t: {"p": (t[0]["w"] * t[1][0], [t[1][1] ** 2]), "q": t[1][0] * t[1][1]},
        [[{"w": {"array": MATRIX}}, [2.0, -1.5]]],
    ),
    "two arguments": (lambda xp: lambda x, b: (x * x).sum() * b * b, [{"array": [1.0, 2.0]}, 3.0]),
    "two arguments, a structure": (
        lambda xp: lambda x, d: [x * d["k"], d["k"] * d["v"].sum()],
        [{"array": [1.0, 2.0]}, {"k": 3.0, "v": {"array": [0.5, -0.25, 4.0]}}],
    ),
    "a list of arrays": (
        lambda xp: lambda ws: (ws[0] @ ws[1]) ** 2, [[{"array": [1.0, 2.0]}, {"array": [0.5, -3.0]}]],
    ),
    "a constant beside": (lambda xp: lambda x: {"y": x * x, "one": 1.0 + 0.0 * x}, [2.0]),
}  # fmt: skip


def made(tree, xp):
    """A structure with its arrays made."""
    if isinstance(tree, dict):
        if set(tree) == {"array"}:
            return xp.array(tree["array"])
        return {key: made(part, xp) for key, part in tree.items()}
    return [made(part, xp) for part in tree] if isinstance(tree, list) else tree


def told(tree):
    """A structure of numbers and arrays as JSON can hold it; an array of shape () counts as a number."""
    if isinstance(tree, dict):
        return {key: told(tree[key]) for key in sorted(tree)}
    if isinstance(tree, (list, tuple)):
        return {type(tree).__name__: [told(part) for part in tree]}
    if hasattr(tree, "tolist") and getattr(tree, "ndim", 0):
        return {"array": tree.tolist()}
    return float(tree)
