"""`gcnet predict`: what the faces in pictures, videos or before a camera express."""

from pathlib import Path
from typing import Annotated

import typer

from gcnet_core.cli.options import Device, Json, Plugin, Stopped
from gcnet_core.inference.options import Calm, Faces, Format, KnownOptions, PredictOptions
from gcnet_core.output.streams import ReaderLeft

NOTHING = 1
"""Exit code when not one face was found."""


def command(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="[MODEL] PATH...",
            help="pictures, folders, patterns such as 'a/**/*.jpg', zip archives, videos, camera:0; before them, "
            "if you like, a model: the folder of a run, an .onnx file, or a name of `gcnet models`",
        ),
    ],
    model: Annotated[str | None, typer.Option(help="the model, by name or path; every other word is a picture")] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write the rows to a .csv, .json or .jsonl file")
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="of what is printed; default: a table on a terminal, CSV elsewhere"),
    ] = None,
    overlay: Annotated[
        Path | None, typer.Option(metavar="DIR", help="draw boxes, labels and bars into pictures and videos in DIR")
    ] = None,
    reference: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PICTURE",
            help="a calm picture of the person, who is in all others; repeatable. Worth as much as an album of four "
            "where it was measured (docs/known.md)",
        ),
    ] = None,
    album: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER",
            help="other pictures of the person, of any expressions; repeatable. Four were worth 3.3 points on AR; one "
            "that shows nothing but the query's own expression costs up to 5.7; on CK+ nothing is proven",
        ),
    ] = None,
    person: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE.json", help="such pictures as `gcnet calibrate` keeps them; repeatable"),
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="several people: a folder, or a file of `gcnet calibrate`, for each"),
    ] = None,
    calm: Annotated[
        Calm | None,
        typer.Option(
            help="compare each face of a video with its own calmest frames so far; nobody measured what it brings"
        ),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="With --calm: with the calmest frames of the whole file, read twice.")
    ] = False,
    explain: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="a figure for each face on what its answer rests on, and a page of all, in DIR"
        ),
    ] = None,
    faces: Annotated[
        Faces, typer.Option(help="find them in photographs, or take each picture as a face that is cut out already")
    ] = Faces.FIND,
    detector: Annotated[
        str | None, typer.Option(help="what finds the faces; default: as the model was trained, or the best there is")
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change how faces are cut out, as eye_distance=0.4."),
    ] = None,
    every: Annotated[
        float | None, typer.Option(min=0.001, metavar="SECONDS", help="take one frame of a video in so many seconds")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.001, metavar="N", help="stop a video or a camera after so many seconds")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there already.")] = False,
    batch_size: Annotated[int, typer.Option(min=1, help="faces that are answered at a time")] = 64,
    workers: Annotated[
        int | None, typer.Option(min=1, help="pictures that are searched at a time; default: one for each core")
    ] = None,
    device: Device = None,
    plugin: Plugin = None,
    json_output: Json = False,
) -> None:
    """Find faces in photographs, videos or before a camera, and say what they express.

    What an answer does not mean, and what the law says of it: docs/limits.md.

    Example: gcnet predict photographs/ holiday.mp4 --output faces.csv --overlay drawn/
    """
    from gcnet_core.cli.predict_run import predict

    known = KnownOptions(tuple(reference or ()), tuple(album or ()), tuple(person or ()), people, calm, offline)
    options = PredictOptions(
        paths=tuple(paths), model=model, output=output, form=Format.json if json_output else form, overlay=overlay,
        faces=faces, detector=detector, settings=tuple(override or ()), every=every, seconds=seconds, force=force,
        batch_size=batch_size, workers=workers, device=device, plugins=tuple(plugin or ()), summary=json_output,
        known=known, explain=explain,
    )  # fmt: skip
    try:
        counts, stopped = predict(options)
    except KeyboardInterrupt:  # before the first picture
        raise Stopped from None
    except ReaderLeft:
        raise typer.Exit from None
    if stopped:
        raise Stopped
    if not counts.faces:
        raise typer.Exit(NOTHING)
