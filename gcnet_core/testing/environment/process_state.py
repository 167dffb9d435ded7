"""What a part must leave as it finds it, because all others rest on it: seeds, settings, standard output."""

import io
import random
from collections.abc import Callable
from contextlib import redirect_stdout

import numpy as np

from gcnet_core.testing.case import ContractError
from gcnet_core.testing.environment.surroundings import refuse_seeding, unchanged_settings


def leaves_no_trace(act: Callable[[], object], doing: str) -> None:
    """Stop if something seeds a global generator, changes a setting that others share, or prints.

    Args:
        act: is done twice.
        doing: for the message.

    Raises:
        ContractError: naming what.
    """
    states = random.getstate(), np.random.get_state()
    printed = io.StringIO()
    try:
        with unchanged_settings(doing), redirect_stdout(printed):
            refuse_seeding(act, doing)
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
    if printed.getvalue():
        raise ContractError(f"{doing} prints {printed.getvalue()[:60]!r}; the output belongs to the command")
