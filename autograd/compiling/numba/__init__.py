"""A plan run by an interpreter that numba compiles once for each user and processor."""
