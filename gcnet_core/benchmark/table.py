"""The figures of a benchmark for the terminal."""

from collections.abc import Iterator

from rich.table import Table

from gcnet_core.benchmark.result import Benchmark, StageSpeed

GIGA, MEBIBYTE = 1e9, 2**20


def benchmark_table(found: Benchmark) -> Table:
    """One column for each stage."""
    table = Table(
        "",
        *found.stages,
        title=f"{found.recipe}, {found.images:,} images, batches of {found.batch_size}; {found.device}, "
        f"{found.threads} threads, {found.precision}",
        title_justify="left",
        box=None,
        padding=(0, 2, 0, 0),
    )
    for name, *cells in zip(*map(_rows, found.stages.values()), strict=True) if found.stages else ():
        table.add_row(name[0], name[1], *(cell for _, cell in cells))
    shares = dict.fromkeys(name for stage in found.stages.values() for name in stage.shares)
    for name in shares:
        table.add_row(f"  {name}", *(_percent(stage.shares.get(name)) for stage in found.stages.values()))
    return table


def before_training(found: Benchmark) -> str:
    """What went by before the first step, and what the machine was seen to reach."""
    seconds = ", ".join(f"{name} {spent:.1f} s" for name, spent in found.seconds.items())
    return (
        f"before training: {seconds}\npeak of the machine {found.peak_flops / GIGA:,.0f} GFLOP/s, "
        f"memory {found.peak_memory / MEBIBYTE:,.0f} MiB at most"
    )


def _rows(stage: StageSpeed) -> Iterator[tuple[str, str]]:
    middle, slow = stage.step_seconds
    yield "images/s", f"{stage.images_per_second:,.0f}"
    yield "step, median and 95 %", f"{1000 * middle:,.1f} ms, {1000 * slow:,.1f} ms"
    yield "against the bare loop", f"{stage.against_bare_loop:.3f} x"
    yield "  of the processor", f"{stage.processor_against_bare_loop:.3f} x, {1000 * stage.processor_seconds:,.1f} ms"
    yield "waiting for data", _percent(stage.waiting_for_data)
    yield "first steps", f"{stage.first_step:,.1f} s"
    yield "work of a step", f"{stage.flops / GIGA:,.2f} GFLOP, {_percent(stage.flops_of_peak)} of the peak"
    yield "time of a step:", ""


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
