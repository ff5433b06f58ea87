"""Results of assessment: how each came about, and the office's decision to put another level in its place."""
