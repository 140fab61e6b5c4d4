"""The exceptions of the library's own; elsewhere Python's types are raised."""


class AutogradError(Exception):
    """The base of every exception that is the library's own."""


class GraphError(AutogradError, RuntimeError):
    """Something was asked of a node that its place in the graph does not allow."""


class TraceError(AutogradError, TypeError):
    """While a function was traced it asked for what only a number can tell, or a compiled object lacks its function."""


class GraphTooLarge(AutogradError, ValueError):
    """A graph has more nodes than a picture can show."""


class GraphvizNotFound(AutogradError, RuntimeError):
    """A picture was asked for, and neither Graphviz's `dot` nor the wheels that bring it are installed."""


class GradientMismatch(AutogradError, AssertionError):
    """A derivative differs from what the function's values say."""
