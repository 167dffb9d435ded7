"""Evidence: by what a data set part knows that a folder holds its data, and what speaks against it."""

from dataclasses import dataclass
from typing import Literal

By = Literal["list", "names", "folders", "numbers"]


@dataclass(frozen=True)
class Evidence:
    """What in a folder says that a part can read it, told to the user in one line.

    Args:
        by: a `list` that lies in it, the `names` of files, `folders` that bear the names of expressions, or folders
            that bear `numbers`: these alone say nothing, as each data set counts in its own order.
        text: for people, such as `3 of 6 class folders are expression words`.
        doubt: why nobody should believe this reading unless a user asks for it; empty where nothing speaks against it.
        labelled: whether the pictures are labelled, doubtful or not; if not, they may be photographs of one's own.
    """

    by: By
    text: str
    doubt: str = ""
    labelled: bool = True
