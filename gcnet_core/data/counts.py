"""Counts of images as data sets publish them: copies lack a few."""

TOLERANCE = 0.005
"""Largest share by which a count may differ from the published one."""


def is_published_count(count: int, published: int) -> bool:
    """Whether so many images may be those that a data set publishes."""
    return abs(count - published) <= TOLERANCE * published
