"""`gcnet calibrate`: keep what a model needs of a person's pictures, without the pictures."""

from pathlib import Path
from typing import Annotated

import typer

from gcnet_core.cli.options import Device, Plugin
from gcnet_core.inference.options import Expressions, Faces
from gcnet_core.output.streams import tell


def command(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="[MODEL] PICTURE...",
            help="pictures of one person, or folders of them, or a short video; before them, if you like, a model",
        ),
    ],
    output: Annotated[Path, typer.Option(metavar="FILE.json", help="where the person is kept")],
    expressions: Annotated[
        Expressions,
        typer.Option(
            help="what the pictures show: the face at rest, or any expressions, as an album of at least three"
        ),
    ] = Expressions.calm,
    name: Annotated[str | None, typer.Option(help="of the person; default: the name of the file")] = None,
    largest: Annotated[bool, typer.Option("--largest", help="Of several faces in a picture take the largest.")] = False,
    model: Annotated[str | None, typer.Option(help="the model, by name or path; every other word is a picture")] = None,
    faces: Annotated[
        Faces, typer.Option(help="find them in photographs, or take each picture as a face that is cut out already")
    ] = Faces.FIND,
    detector: Annotated[str | None, typer.Option(help="what finds the faces; use the same for `gcnet predict`")] = None,
    override: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change how faces are cut out, as for `gcnet predict`."),
    ] = None,
    every: Annotated[
        float, typer.Option(min=0.001, metavar="SECONDS", help="take one frame of a video in so many seconds")
    ] = 0.5,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")] = False,
    device: Device = None,
    plugin: Plugin = None,
) -> None:
    """Keep a person's reference for `gcnet predict --person`: embeddings and checksums, which are biometric data.

    Example: gcnet calibrate anna1.jpg anna2.jpg --output anna.json
    """
    from gcnet_core.cli.predict_run import asked
    from gcnet_core.inference.find_model import open_model
    from gcnet_core.inference.known.known import enrolled
    from gcnet_core.inference.known.person import write_person
    from gcnet_core.inference.recognizer import Recognizer
    from gcnet_core.inference.videos.frames import Frames
    from gcnet_core.plugin_api import UserError, discover

    if output.suffix.lower() != ".json" or output.is_dir():
        raise UserError(f"--output {output}: expected the name of a file that ends in .json")
    if output.exists() and not force:
        raise UserError(f"--output {output}: is there already; give another name, or --force to replace it")
    registry = discover(plugin or ())
    place, sources = asked(tuple(paths), model, registry, Frames(every))
    answerer = open_model(place, registry, device)
    recognizer = Recognizer(answerer, registry, detector, tuple(override or ()))
    pictures = (shown() if callable(shown) else shown for source in sources for shown in source.pictures())
    person = enrolled(
        answerer,
        recognizer.finder if faces is Faces.FIND else None,
        pictures,
        calm=expressions is Expressions.calm,
        name=name or output.stem,
        tell=tell if largest else None,
    )
    write_person(output, person, answerer, expressions.value)
    pictures_of = f"{len(person)} picture{'' if len(person) == 1 else 's'} of {person.name}"
    tell(f"{output}: {pictures_of}, for {answerer.name} alone; it holds biometric data, though no picture")
