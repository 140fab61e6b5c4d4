"""The executors of a tape: on floats, on arrays in NumPy, and on rows with numba.

All of them compute the same program; nan and inf go through as IEEE arithmetic says, and none of them warns.
"""
