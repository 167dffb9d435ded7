"""Buildable: what all parts have in common, networks or not."""


class Buildable:
    """What `BuildContext.build` gives a part and asks of it, whatever its kind."""

    origin: str = ""
    """What the part is and which distribution brought it, for messages; set when it is built."""

    def check_built(self) -> None:
        """Look at the part once it is built.

        Raises:
            ValueError: if something is missing that others read from it.
        """

    def required_width(self, name: str) -> int:
        """An attribute that must be a length.

        Args:
            name: of the attribute.

        Raises:
            ValueError: if it is missing, or no integer of at least 1.
        """
        width = getattr(self, name, None)
        if isinstance(width, bool) or not isinstance(width, int) or width < 1:
            told = "is not set" if width is None else f"is {width!r}"
            raise ValueError(f"its `{name}` {told}; the constructor must set it to a whole number of at least 1")
        return width
