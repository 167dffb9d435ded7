"""Do the parts of a recipe fit together? Each part says so for itself; a few rules concern the recipe as a whole."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gcnet_core.plugin_api import (
    ConfigIssue,
    DatasetConfig,
    DatasetInfo,
    ImageConfig,
    LossConfig,
    MissingData,
    ModelConfig,
    PluginConfig,
    RecipeInfo,
    Registry,
    UserError,
    ordered_classes,
)
from gcnet_core.recipe.problems import suggestion
from gcnet_core.recipe.schema import SplitConfig, StageConfig
from gcnet_core.recipe.sections import Path, Section

Checked = TypeVar("Checked", bound=BaseModel)


def incompatibilities(known: Mapping[Path, Section], wrong: set[Path], registry: Registry) -> Iterator[ConfigIssue]:
    """All incompatibilities that can be told, even if some of the recipe is wrong.

    Args:
        known: the sections of the recipe by path.
        wrong: paths at which the structure is wrong; what involves them is not judged.
        registry: where parts are looked up.

    Returns:
        Problems with paths from the recipe's root.
    """
    usable = {
        path: section
        for path, section in known.items()
        if not any(bad[: len(path)] == path for bad in wrong) or path == ()
    }
    image = ImageConfig()
    if ("image",) in known:
        image = attempt(usable.get(("image",)), ImageConfig, registry) or image
    image_known = ("image",) not in known or ("image",) in usable
    data = _data_facts(usable, known[()].value.get("labels"), registry)
    pseudo_references = known[()].value.get("missing_references", "none") != "none"
    info = RecipeInfo(
        image,
        classes=data.classes if data else (),
        references=data is None or data.references or pseudo_references,  # what is not known is not judged
        available_outputs=_available_outputs(usable, registry),
    )
    for path, section in usable.items():
        config = attempt(section, section.model, registry) if section.kind else None
        if not isinstance(config, PluginConfig):
            continue
        for problem in config.check(info):
            place = problem.path if problem.absolute else (*path, *problem.path)
            if image_known or place[:1] != ("image",):
                yield ConfigIssue(place, problem.message, absolute=True)
    yield from _stage_rules(known, usable, registry)
    yield from _split_rules(known, usable, registry, data)
    yield from _label_rules(known, data, registry)
    yield from _list_rules(known)


def attempt(section: Section | None, model: type[Checked], registry: Registry) -> Checked | None:
    """The validated section; None if it is not there or wrong."""
    if section is None:
        return None
    try:
        return model.model_validate(section.options(), context={"registry": registry})
    except ValidationError:
        return None


def _data_facts(usable: Mapping[Path, Section], labels: Any, registry: Registry) -> DatasetInfo | None:
    """What the data sets hold together, with the labels of the recipe; None while any of them cannot be read."""
    found: list[DatasetInfo | None] = []
    folds: set[int] = set()  # of the sets whose people are tested
    for path, section in usable.items():
        if path == ("data",) or (path[:1] == ("data",) and len(path) == 2 and isinstance(path[1], int)):
            config = attempt(section, section.model, registry)
            try:
                facts = config.info() if isinstance(config, DatasetConfig) else None
            except (MissingData, UserError):
                facts = None
            found.append(facts)
            if facts and isinstance(config, DatasetConfig) and not config.train_only:
                folds.add(facts.folds)
    known = [facts for facts in found if facts is not None]
    if not known or len(known) < len(found):
        return None
    renamed = labels if isinstance(labels, dict) else {}
    names = [name for facts in known for name in facts.classes]
    return DatasetInfo(
        classes=ordered_classes([new for name in names if (new := renamed.get(name, name)) is not None]),
        references=any(facts.references for facts in known),
        folds=folds.pop() if len(folds) == 1 else 0,
    )


def _label_rules(known: Mapping[Path, Section], data: DatasetInfo | None, registry: Registry) -> Iterator[ConfigIssue]:
    labels = known[()].value.get("labels")
    plain = _data_facts({path: section for path, section in known.items() if path[:1] == ("data",)}, None, registry)
    for name in labels if isinstance(labels, dict) and plain else ():
        if plain and name not in plain.classes:
            yield ConfigIssue(
                ("labels", name), f"the data have no class {name}; {suggestion(name, list(plain.classes))}"
            )
    if labels and data and len(data.classes) < 2:
        yield ConfigIssue(("labels",), f"fewer than two classes are left: {', '.join(data.classes) or 'none'}")


def _list_rules(known: Mapping[Path, Section]) -> Iterator[ConfigIssue]:
    """Somebody has to be tested."""
    entries = {path: section for path, section in known.items() if path[:1] == ("data",) and section.kind == "dataset"}
    if entries and all(section.value.get("train_only") is True for section in entries.values()):
        yield ConfigIssue((*next(iter(entries)), "train_only"), "no data set is left to be tested")


def _available_outputs(usable: Mapping[Path, Section], registry: Registry) -> frozenset[str]:
    """What the model computes; everything that any loss wants while the model cannot be judged."""
    section = usable.get(("model",))
    config = attempt(section, section.model, registry) if section else None
    if isinstance(config, ModelConfig):
        return config.available_outputs()
    losses = [entry.model for path, entry in usable.items() if path[:1] == ("losses",)]
    return frozenset[str]().union(*(loss.required_outputs for loss in losses if issubclass(loss, LossConfig)))


def _stage_rules(
    known: Mapping[Path, Section], usable: Mapping[Path, Section], registry: Registry
) -> Iterator[ConfigIssue]:
    root = known[()].value
    losses = root.get("losses") or {}
    names = [name for name, value in losses.items() if value is not None] if isinstance(losses, dict) else []
    model = known.get(("model",))
    parts = [name for name in model.part_names() if model.value.get(name) is not None] if model else []
    for path, section in usable.items():
        stage = attempt(section, StageConfig, registry) if section.model is StageConfig else None
        if stage is None:
            continue
        listed = [("train", stage.train, parts, "part of the model"), ("losses", stage.losses, names, "loss")]
        for key, chosen, valid, noun in listed:
            for index, name in enumerate(() if chosen == "all" else chosen):
                if name not in valid and (model or key == "losses"):
                    place: Path = (*path, key, index)
                    yield ConfigIssue(place, f"no {noun} is called {name}; {suggestion(name, valid)}")
        trains_generator = stage.train == "all" or "generator" in stage.train
        if not (stage.losses or trains_generator) or (stage.losses == "all" and not names):
            yield ConfigIssue(path, "this stage has nothing to minimise; name some `losses`")
    training = known.get(("training",))
    sources = training.value.get("init_from") if training and model else None
    for name in sources if isinstance(sources, dict) else ():
        if name not in parts:
            place = ("training", "init_from", name)
            yield ConfigIssue(place, f"no part of the model is called {name}; {suggestion(name, parts)}")
    yield from _stages_left(known, usable, registry)


def _stages_left(
    known: Mapping[Path, Section], usable: Mapping[Path, Section], registry: Registry
) -> Iterator[ConfigIssue]:
    """A model that gradients train needs a stage, another one must not have any."""
    section = usable.get(("model",))
    config = attempt(section, section.model, registry) if section else None
    training = known.get(("training",))
    written = training.value.get("stages") if training else None
    left = written is None or (isinstance(written, dict) and any(stage is not None for stage in written.values()))
    by_gradient = config.trains_by_gradient() if isinstance(config, ModelConfig) else True
    place = ("training", "stages") if written is not None else ()
    if by_gradient and not left:
        yield ConfigIssue(("training", "stages"), "no stage is left, so nothing would be trained")
    if left and not by_gradient:
        yield ConfigIssue(place, "gradients move nothing in this model, so it has no stages; write `stages: {}`")


def _split_rules(
    known: Mapping[Path, Section], usable: Mapping[Path, Section], registry: Registry, data: DatasetInfo | None
) -> Iterator[ConfigIssue]:
    written = known.get(("split",))
    split = attempt(usable.get(("split",)), SplitConfig, registry) if written else SplitConfig()
    if split is None:
        return
    folds = split.folds if split.scheme == "subjects" else data.folds if data else None
    if folds == 0:
        yield ConfigIssue(("split", "scheme"), "the data set has no published folds; use the scheme `subjects`")
    elif folds and isinstance(split.fold, int) and not 0 <= split.fold < folds:
        yield ConfigIssue(("split", "fold"), f"there is no fold {split.fold} of {folds}; they are counted from 0")
    keep = known[("training",)].value.get("keep") if ("training",) in known else None
    if keep == "best" and not split.validation:
        yield ConfigIssue(("training", "keep"), "`best` is judged on validation subjects; set split.validation above 0")
