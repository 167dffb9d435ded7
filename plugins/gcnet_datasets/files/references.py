"""References among labelled pictures: the neutral face of the same person; of nobody known there is none."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Sequence

from gcnet_core.plugin_api import NEUTRAL, Sample


def with_own_neutral(samples: Sequence[Sample]) -> Iterator[Sample]:
    """Samples with the neutral picture of the same person, session and light as reference, where there is one."""
    known = [sample for sample in samples if sample.expression == NEUTRAL and sample.subject is not None]
    neutral = {_occasion(sample): sample.image for sample in known}
    for sample in samples:
        yield dataclasses.replace(sample, reference=neutral.get(_occasion(sample)))


def with_other_neutral(samples: Sequence[Sample]) -> Iterator[Sample]:
    """Samples with the first neutral picture of the same person as reference; a neutral one takes another picture."""
    neutral: dict[str | None, list[str]] = defaultdict(list)
    for sample in samples:
        if sample.expression == NEUTRAL and sample.subject is not None:
            neutral[sample.subject].append(sample.image)
    for sample in samples:
        others = [image for image in neutral[sample.subject] if image != sample.image]
        yield dataclasses.replace(sample, reference=others[0] if others else None)


def _occasion(sample: Sample) -> tuple[str | None, str | None, str | None]:
    return sample.subject, sample.session, sample.lighting
