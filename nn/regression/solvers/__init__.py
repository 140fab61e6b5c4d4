"""Solvers: from an objective to its best coefficients, and the word of how it went."""
