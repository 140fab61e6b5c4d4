"""Data and the demonstration."""
