"""What `gcnet predict` knows of the people in its pictures, by its options."""

from collections.abc import Sequence
from pathlib import Path

from gcnet_core.data.folders import pictures_below
from gcnet_core.inference.known.calm import CalmFrames
from gcnet_core.inference.known.known import KnownPeople, one_person
from gcnet_core.inference.known.people import known_people
from gcnet_core.inference.known.person import read_person
from gcnet_core.inference.options import KnownOptions, PredictOptions
from gcnet_core.inference.pipeline import Known
from gcnet_core.inference.recognizer import Recognizer
from gcnet_core.inference.sources import Source
from gcnet_core.inference.videos.frames import Camera, Video
from gcnet_core.inference.videos.tracking import Tracker
from gcnet_core.machine import worker_count
from gcnet_core.output.streams import tell
from gcnet_core.plugin_api import UserError


def known_by(recognizer: Recognizer, options: PredictOptions, sources: Sequence[Source]) -> Known | None:
    """What is known of the people, for the pipeline.

    Args:
        recognizer: with the model.
        options: of the command.
        sources: of the pictures.

    Raises:
        UserError: if options exclude each other, or what they name cannot be used.
    """
    given = options.known
    _check(given, sources)
    answerer, finder = recognizer.answerer, recognizer.finder if options.faces == "find" else None
    if given.calm:
        return _calm(recognizer, options, sources)
    if given.people is not None:
        return known_people(answerer, finder, given.people, tell)
    return one_person(
        answerer,
        finder,
        calm=_pictures("--reference", given.reference) if given.reference else None,
        album=_pictures("--album", given.album) if given.album else None,
        others=[read_person(path, answerer) for path in given.person],
        tell=tell,
    )


def alone_note(known: Known | None) -> str:
    """How many faces were answered alone, though people are known; for the summary line."""
    alone = known.alone if isinstance(known, KnownPeople) else 0
    return f"; {alone} answered alone, as nothing else is known of the person" if alone else ""


def _check(given: KnownOptions, sources: Sequence[Source]) -> None:
    one = bool(given.reference or given.album or given.person)
    if one + (given.people is not None) + (given.calm is not None) > 1:
        raise UserError(
            "pictures of one person (--reference, --album, --person), of several (--people) and --calm exclude each "
            "other"
        )
    if given.offline and not given.calm:
        raise UserError("--offline says which frames `--calm auto` looks at; give that too")
    if given.calm and not any(isinstance(source, Video | Camera) for source in sources):
        raise UserError("--calm auto looks for calm frames of a video; for photographs give --reference or --album")
    if given.offline and any(isinstance(source, Camera) for source in sources):
        raise UserError("--offline needs all frames before the first answer, which a camera cannot give; leave it out")


def _pictures(option: str, places: Sequence[Path]) -> list[Path]:
    """Picture files that an option names, in folders too.

    Raises:
        UserError: naming the place where there is none.
    """
    found = []
    for place in places:
        if not place.exists():
            raise UserError(f"{option} {place}: no such file or folder")
        pictures = pictures_below(place) if place.is_dir() else [place]
        if not pictures:
            raise UserError(f"{option} {place}: no picture in this folder")
        found += pictures
    return found


def _calm(recognizer: Recognizer, options: PredictOptions, sources: Sequence[Source]) -> CalmFrames:
    """Calm frames, learned on the way, or before from the whole of each video."""
    calm = CalmFrames(recognizer.answerer, offline=options.known.offline)
    if not options.known.offline:
        return calm
    pipeline = recognizer.pipeline(
        options.faces.value,
        batch_size=options.batch_size,
        workers=worker_count(options.workers),
        numbered=Tracker(),
    )
    for source in sources:
        if isinstance(source, Video):
            tell(f"{source.name}: looking for calm frames")
            for faces in pipeline(source.pictures()):
                calm.learn(faces)
    return calm
