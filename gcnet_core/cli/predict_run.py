"""The work of `gcnet predict`: from its options to rows, drawings and counts."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from gcnet_core.cli.predict_known import alone_note, known_by
from gcnet_core.cli.predict_progress import progress
from gcnet_core.cli.predict_table import ResultTable
from gcnet_core.files import growing_text
from gcnet_core.inference.find_model import ModelPlace, find_model, is_model, open_model
from gcnet_core.inference.job import Counts, Sink, is_live, run_job
from gcnet_core.inference.options import Faces, Format, PredictOptions
from gcnet_core.inference.recognizer import Recognizer
from gcnet_core.inference.results import FaceResult
from gcnet_core.inference.rows import Head, RowWriter, format_of, row_writer
from gcnet_core.inference.sources import Source, find_sources
from gcnet_core.inference.trained_pictures import trained_pictures
from gcnet_core.inference.videos.frames import Frames
from gcnet_core.inference.videos.tracking import Tracker
from gcnet_core.machine import worker_count
from gcnet_core.output.streams import ReaderLeft, reader_left, tell
from gcnet_core.plugin_api import Registry, UserError, discover
from gcnet_core.version import __version__


def predict(options: PredictOptions) -> tuple[Counts, bool]:
    """Do what the options say.

    Returns:
        How it went, and whether Ctrl-C ended it before all was seen.

    Raises:
        UserError: for whatever can be told before the first picture is read.
    """
    printed = sys.stdout
    with redirect_stdout(sys.stderr):  # whatever parts print is no row
        registry = discover(options.plugins)
        frames = Frames(options.every, options.seconds)
        place, sources = asked(options.paths, options.model, registry, frames, options.overlay)
        live = is_live(sources)
        form = _format(options, printed)
        with ExitStack() as stack:
            sinks: list[Sink] = []
            if options.overlay:
                from gcnet_core.inference.overlay.folder import OverlayFolder  # needs libraries that draw

                sinks.append(stack.enter_context(OverlayFolder(options.overlay, options.force)))
            recognizer = Recognizer(
                open_model(place, registry, options.device), registry, options.detector, options.settings
            )
            known = told = known_by(recognizer, options, sources)
            if options.explain:
                from gcnet_core.report.explanation import ExplanationFolder  # draws

                explained = stack.enter_context(ExplanationFolder(options.explain, recognizer.answerer, options.force))
                known = explained.listening(known)
                sinks.append(explained)
            pipeline = recognizer.pipeline(
                options.faces.value,
                batch_size=1 if live else options.batch_size,
                workers=worker_count(options.workers),
                known=known,
                with_reference=options.overlay is not None or options.explain is not None,
                numbered=Tracker(),
            )
            trained = trained_pictures(place.path, print)
            if trained:
                pipeline = replace(pipeline, watch=trained.look)
                sinks.append(trained.take)
            counts, stopped = Counts(), False
            head = _head(recognizer, options)
            sinks.append(stack.enter_context(_rows(options, form, head, counts, printed, live)))
            searched = stack.enter_context(progress(sources, quiet=_prints_rows(options, form, printed)))
            try:
                run_job(pipeline, sources, sinks, counts, keep_pixels=options.overlay is not None, searched=searched)
            except KeyboardInterrupt:
                stopped = not live
        tell(f"{'stopped: ' if stopped else ''}{counts}{alone_note(told)}")  # on standard error
        if trained and (line := trained.line(counts.pictures)):
            tell(line)
    if options.summary and options.output:
        print(json.dumps({**head, **counts.as_json(), "output": str(options.output)}, indent=2), file=printed)
    return counts, stopped


def asked(
    paths: Sequence[str], model: str | None, registry: Registry, frames: Frames, leave_out: Path | None = None
) -> tuple[ModelPlace, list[Source]]:
    """The model and the pictures that a command line names; the first word may be either.

    Args:
        paths: words of the command line.
        model: the model, if an option names it.
        registry: of installed models.
        frames: which frames of videos are wanted.
        leave_out: a folder in which nothing counts.
    """
    words = list(paths)
    if model is None and is_model(words[0], registry):
        model = words.pop(0)
        if not words:
            raise UserError(f"{model} is a model; name pictures too, such as: gcnet predict {model} photographs/")
    sources = find_sources(words, frames, leave_out)
    return find_model(model, registry), sources


def _format(options: PredictOptions, printed: TextIO) -> Format:
    """How the rows are written; and that the file, if there is one, may be."""
    if options.output is None:
        return options.form or (Format.table if printed.isatty() else Format.csv)
    if options.output.is_dir():
        raise UserError(f"--output {options.output}: is a folder; give the name of a file in it")
    if options.output.exists() and not options.force:
        raise UserError(f"--output {options.output}: is there already; give another name, or --force to replace it")
    try:
        options.output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--output {options.output}: cannot be written ({error.strerror})") from error
    return format_of(options.output, None if options.summary else options.form)


def _head(recognizer: Recognizer, options: PredictOptions) -> Head:
    """What is true of all rows."""
    found = options.faces is Faces.FIND
    return {
        "model": recognizer.answerer.name,
        "classes": list(recognizer.classes),
        "preparation": recognizer.finder.settings if found else None,
        "temperature": recognizer.answerer.temperature,
        "version": __version__,
    }


@contextmanager
def _rows(
    options: PredictOptions, form: Format, head: Head, counts: Counts, printed: TextIO, live: bool
) -> Iterator[Sink]:
    """Takes the rows: into the file, onto standard output, or as a table for people."""
    if options.output is None and form is Format.table:
        table = ResultTable(printed, live)
        yield lambda source, picture, faces: table.add(faces)
        table.end()
        return
    with ExitStack() as stack:
        file = printed if options.output is None else stack.enter_context(growing_text(options.output))
        writer = row_writer(form, file, tuple(head["classes"]), head)
        try:
            yield lambda source, picture, faces: _write(writer, faces, file)
        finally:
            writer.close(counts.as_json())


def _write(writer: RowWriter, faces: Sequence[FaceResult], file: TextIO) -> None:
    """Write the rows of a picture, as long as somebody reads them."""
    writer.write(faces)
    if reader_left(file):
        raise ReaderLeft


def _prints_rows(options: PredictOptions, form: Format, printed: TextIO) -> bool:
    """Whether rows run over a terminal, where a progress bar would be in their way."""
    return options.output is None and form is not Format.table and printed.isatty()
