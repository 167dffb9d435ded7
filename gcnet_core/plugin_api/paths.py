"""Paths as people write them: `~` at the beginning is the home folder, here and on the command line."""

import os
from typing import Annotated

from pydantic import AfterValidator


def expanded(path: str) -> str:
    """A path with the home folder in place of a leading `~` or `~name`; as it is where there is no such home."""
    return os.path.expanduser(path)


UserPath = Annotated[str, AfterValidator(expanded)]
"""Annotation of an option that names a file or a folder; what is stored with a run is the whole path."""
