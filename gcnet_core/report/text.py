"""Numbers as people read them, the same on the page and on the terminal."""

from collections.abc import Sequence

ABSENT = "–"


def percent(share: float | None) -> str:
    """A share in [0, 1] as `87.5%`."""
    return ABSENT if share is None else f"{100 * share:.1f}%"


def percent_interval(bounds: Sequence[float] | None) -> str:
    """An interval of shares as `81.2 to 92.0%`."""
    return ABSENT if bounds is None else f"{100 * bounds[0]:.1f} to {100 * bounds[1]:.1f}%"


def points(difference: float | None) -> str:
    """A difference of shares as `+1.2`, in percentage points."""
    return ABSENT if difference is None else f"{100 * difference:+.1f}"


def points_interval(bounds: Sequence[float] | None) -> str:
    """An interval of differences as `-0.4 to +2.8`, in percentage points."""
    return ABSENT if bounds is None else f"{points(bounds[0])} to {points(bounds[1])}"


def probability(value: float | None) -> str:
    """A p value with two significant digits, `< 0.001` below that."""
    if value is None:
        return ABSENT
    return "< 0.001" if value < 0.001 else f"{value:.2g}"


def small(value: float | None) -> str:
    """An error or a rate with three significant digits."""
    return ABSENT if value is None else f"{value:#.3g}"


def count(value: float | None) -> str:
    """A whole number with thousands apart."""
    return ABSENT if value is None else f"{value:,.0f}"


def duration(seconds: float | None) -> str:
    """A time as `2 h 5 min`, `3 min 20 s` or `4.5 s`."""
    if seconds is None:
        return ABSENT
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes_of_hour = divmod(minutes, 60)
    return f"{hours} h {minutes_of_hour} min" if hours else f"{minutes} min {rest} s"


def plural(number: int, noun: str) -> str:
    """`1 image`, `2 images`."""
    return f"{count(number)} {noun}" + ("" if number == 1 else "s")
