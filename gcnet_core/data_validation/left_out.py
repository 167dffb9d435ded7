"""Files that no sample shows: nothing is dropped in silence."""

from collections.abc import Iterator, Sequence

from gcnet_core.data_validation.finding import Finding, Severity
from gcnet_core.plugin_api import LeftOut, by_reason


def check_left_out(files: Sequence[LeftOut]) -> Iterator[Finding]:
    """One finding for pictures that are left out, and one for files that are none.

    Args:
        files: those that no sample shows.
    """
    yield from _finding("left_out", "warning", "pictures are left out", [file for file in files if not file.expected])
    what = "files that are no part of the data"
    yield from _finding("other_files", "note", what, [file for file in files if file.expected])


def _finding(name: str, severity: Severity, what: str, files: Sequence[LeftOut]) -> Iterator[Finding]:
    if files:
        reasons = "; ".join(f"{number:,} ({reason})" for reason, number in by_reason(files).items())
        yield Finding(name, severity, f"{what}: {reasons}; first {files[0].file}", len(files))
