"""Limits: what one request, and all together, may ask of this machine."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What is refused.

    Args:
        megabytes: of the body of a request; a larger one is answered with 413.
        megapixels: of a picture, read from its head before it is decoded; a larger one has no answer but a reason.
        pictures: of a request, those of the person included; more are answered with 413.
        seconds: for a request, waiting included; then it is answered with 503.
        requests: waiting or being answered; one more is answered with 503.
    """

    megabytes: float = 32
    megapixels: float = 50
    pictures: int = 64
    seconds: float = 60
    requests: int = 8

    @property
    def body(self) -> int:
        """Bytes of a request's body."""
        return int(self.megabytes * 1_000_000)

    @property
    def pixels(self) -> int:
        """Pixels of a picture."""
        return int(self.megapixels * 1_000_000)
