"""Framing: the finder whose crops look as the training pictures of a model did."""

from collections.abc import Mapping, Sequence

from gcnet_core.faces.config import read_preparation, saved_preparation
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.inference.answers import Answerer
from gcnet_core.plugin_api import Registry, UserError

FIRST_CHOICE = ("blazeface", "haar")
"""Detectors for a model whose training pictures others cut out, the best first; the first that works is taken."""

SMALLEST = 16
"""Pixels of the smallest crop; for a smaller model it is shrunk once more."""


def model_finder(
    answerer: Answerer, registry: Registry, overrides: Sequence[str] = (), detector: str | None = None
) -> FaceFinder:
    """Finds and cuts out all faces of a picture as the model expects them.

    Args:
        answerer: the model.
        registry: where detectors are found.
        overrides: texts KEY=VALUE of a preparation, which win.
        detector: another one than the model's own, or than the first choice.

    Raises:
        UserError: if nobody knows how faces must be cut out for this model, or the detector is not there.
    """
    if answerer.preparation is not None and not detector and not overrides:
        config = saved_preparation(answerer.preparation, registry, answerer.name)
        return FaceFinder(config.model_copy(update={"several": "all"}), registry)
    known: Mapping[str, object] | None = answerer.preparation or answerer.framing
    if known is None and not overrides:
        raise UserError(
            f"{answerer.name} was trained on faces that were cut out in a way nobody wrote down, and another crop "
            "costs ten points; give faces that were cut out alike with `--faces prepared`, or say where the eyes "
            "must lie with --set eye_distance=0.35 --set eye_height=0.36"
        )
    names = [detector] if detector else list(_detectors(known or {}))
    settings = {key: value for key, value in (known or {}).items() if key in ("eye_distance", "eye_height", "margin")}
    for name in names:
        texts = [f"detector.type={name}", f"size={max(answerer.image.size, SMALLEST)}", "several=all"]
        texts += [f"{key}={value}" for key, value in settings.items()]
        config = read_preparation([*texts, *overrides], registry)
        try:
            return FaceFinder(config, registry)
        except UserError:
            if name == names[-1]:
                raise
    raise AssertionError("names is never empty")


def _detectors(known: Mapping[str, object]) -> Sequence[str]:
    """Those to try: the model's own, or the first choices."""
    own = known.get("detector")
    return (str(own["type"]),) if isinstance(own, dict) else FIRST_CHOICE
