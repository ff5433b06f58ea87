"""Figures with the rows behind them: overviews, tables, exports.

Every number is a question whose list can be opened; a cell and its list are the same query.
"""
