"""Randomness keyed by what it is for, so that workers, restarts and batch order cannot change it."""

import zlib

import numpy as np


def keyed_seed(*key: int | str) -> int:
    """A 64-bit seed that depends on every part of the key.

    Args:
        key: e.g. (seed, "augment", epoch, sample); texts are hashed the same way on every machine.

    Returns:
        A number in [0, 2**63).
    """
    return int(_sequence(key).generate_state(1, np.uint64)[0] >> np.uint64(1))


def keyed_generator(*key: int | str) -> np.random.Generator:
    """A random generator whose numbers depend on the key alone."""
    return np.random.Generator(np.random.Philox(_sequence(key)))


def _sequence(key: tuple[int | str, ...]) -> np.random.SeedSequence:
    return np.random.SeedSequence([zlib.crc32(part.encode()) if isinstance(part, str) else part for part in key])
