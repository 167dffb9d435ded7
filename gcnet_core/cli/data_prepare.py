"""`gcnet data prepare`: faces found, aligned and cut out."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gcnet_core.cli.options import Json, Plugin, only_json
from gcnet_core.cli.stopping import on_stop, same_command

NOTHING = 1
"""Exit code when not one face was found."""


def prepare(
    source: Annotated[str, typer.Argument(metavar="IN", help="folder of photographs, data set, zip archive, recipe")],
    output: Annotated[Path, typer.Argument(metavar="OUT", help="new folder, or one that an earlier call began")],
    detector: Annotated[str, typer.Option(help="what finds the faces; `gcnet plugins` lists detectors")] = "haar",
    override: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a setting, as size=112 or detector.file=PATH."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--type", help="data set part that reads a folder; default: guessed")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="pictures at a time; default: one for each core")] = None,
    plugin: Plugin = None,
    json_output: Json = False,
) -> None:
    """Find, align and cut out faces; write a manifest and a contact sheet. Called again, it goes on where it stopped.

    Example: gcnet data prepare photographs/ faces/ --set size=112
    """
    from rich.progress import Progress

    from gcnet_core.data.manifest import MANIFEST, write_manifest
    from gcnet_core.faces.config import read_preparation
    from gcnet_core.faces.finder import FaceFinder
    from gcnet_core.faces.manifest import crop_samples
    from gcnet_core.faces.prepare import check_output, prepare_faces
    from gcnet_core.faces.source import pictures_in
    from gcnet_core.locks import locked
    from gcnet_core.output.console import Console
    from gcnet_core.plugin_api import by_reason, discover
    from gcnet_core.report.contact_sheet import remarked, sheet_table, write_sheet

    registry, console = discover(plugin or ()), Console(stderr=json_output)
    config = read_preparation([f"detector.type={detector}", *(override or ())], registry)
    finder = FaceFinder(config, registry)
    check_output(output, finder)  # before any picture
    with only_json(json_output):
        found = pictures_in(source, registry, kind)
    title, listing = found.title, found.listing
    console.print(title, highlight=False, soft_wrap=True)
    if found.left_out:
        reasons = "; ".join(f"{count:,} ({reason})" for reason, count in by_reason(found.left_out).items())
        text = f"note: pictures are left out: {reasons}; first {found.left_out[0].file}"
        console.print(text, highlight=False, soft_wrap=True, style="yellow")
    on_stop(same_command)
    with locked(output):
        with only_json(json_output), Progress(console=console, transient=True) as bar:
            task = bar.add_task("finding faces", total=None)
            records = prepare_faces(
                listing, output, finder, workers, lambda done, total: bar.update(task, completed=done, total=total)
            )
        rows = write_manifest(output / MANIFEST, crop_samples(listing.samples, records))
        page = write_sheet(output, title, records, listing, finder.settings)
    faces = sum(bool(entry.crop) for entry in records)
    if json_output:
        remarks = {name: [entry.image for entry in entries] for name, entries in remarked(records).items()}
        answer = {
            "data": title,
            "read as": found.read_as.as_json() if found.read_as else None,
            "left out": by_reason(found.left_out),
            "faces": faces,
            "rows": rows,
            "remarks": remarks,
            "settings": finder.settings,
        }
        print(json.dumps(answer, indent=2))
    else:
        console.print(sheet_table(source, records))
        console.print(f"{rows} rows in {output / MANIFEST}, contact sheet {page}", highlight=False, soft_wrap=True)
    if not faces:
        raise typer.Exit(NOTHING)
