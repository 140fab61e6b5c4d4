"""Regression: models of a design, a family and a link, fitted to rows.

A source gives blocks of rows; a design takes a row to its predictors; the curves of a family and a link say what a row adds; an
objective is the sum; solvers make it small; inference says what follows.
"""
