"""A function as a tape, and the executors of a tape: Python on floats, NumPy on blocks of rows, numba on blocks of rows.

All of them compute the same program; nan and inf go through as IEEE arithmetic says, and none of them warns.
"""
