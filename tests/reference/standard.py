"""The 30 points of the standard and where each lies: an environment and a dimension (semantics 13), copied by hand."""

ENVIRONMENTS = {
    "multimedia": ("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11", "A12", "A13"),
    "blended": ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "B10"),
    "smart": ("C1", "C2", "C3", "C4", "C5", "C6", "C7"),
}
DIMENSIONS = {
    "learner-analysis": ("A1", "B1"),
    "teaching-design": ("A2", "A3", "A4", "B2", "B3", "C1", "C2"),
    "learning-guidance": ("A5", "A6", "A7", "A8", "A9", "A10", "B4", "B5", "B6", "B7", "B8", "C3", "C4", "C5"),
    "academic-assessment": ("A11", "A12", "A13", "B9", "B10", "C6", "C7"),
}


def environment_of(point: str) -> str:
    """The environment a point of the standard belongs to."""
    for environment, points in ENVIRONMENTS.items():
        if point in points:
            return environment
    raise KeyError(point)


def dimension_of(point: str) -> str:
    """The dimension a point of the standard belongs to."""
    for dimension, points in DIMENSIONS.items():
        if point in points:
            return dimension
    raise KeyError(point)
