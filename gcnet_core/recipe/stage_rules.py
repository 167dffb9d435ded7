"""Rules about training: its stages name what there is, and have something to do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gcnet_core.plugin_api import ConfigIssue, ModelConfig
from gcnet_core.recipe.problems import suggestion
from gcnet_core.recipe.schema import SplitConfig, StageConfig
from gcnet_core.recipe.sections import Path, Section, Sections


def stages_train_parts_of_the_model(sections: Sections) -> Iterator[ConfigIssue]:
    """`train` names parts that the model has."""
    parts = _written_parts(sections)
    for path, stage in _stages(sections) if parts is not None else ():
        yield from _unknown((*path, "train"), stage.train, parts or (), "part of the model")


def stages_name_losses_of_the_recipe(sections: Sections) -> Iterator[ConfigIssue]:
    """`losses` of a stage names losses that the recipe has."""
    losses = _written_losses(sections)
    for path, stage in _stages(sections):
        yield from _unknown((*path, "losses"), stage.losses, losses, "loss")


def stages_minimize_something(sections: Sections) -> Iterator[ConfigIssue]:
    """A stage has losses, or trains a part that brings its own."""
    model = _model(sections)
    nothing_at_all = not _written_losses(sections)
    for path, stage in _stages(sections):
        if stage.losses:
            minimizes = not (stage.losses == "all" and nothing_at_all)
        else:
            own = None if model is None else model.answers["parts_with_own_losses"]
            minimizes = own is None or stage.train == "all" or bool(own & {*stage.train})
        if not minimizes:
            yield ConfigIssue(path, "this stage has nothing to minimise; name some `losses`")


def init_from_names_parts_of_the_model(sections: Sections) -> Iterator[ConfigIssue]:
    """Only parts that the model has can take weights."""
    training, parts = sections.get(("training",)), _written_parts(sections)
    sources = training.value.get("init_from") if training else None
    if isinstance(sources, dict) and parts is not None:
        for name, source in sources.items():
            if name not in parts and source is not None:  # null removes what an extended recipe brought
                place = ("training", "init_from", name)
                yield ConfigIssue(place, f"no part of the model is called {name}; {suggestion(name, parts)}")


def gradients_need_a_stage(sections: Sections) -> Iterator[ConfigIssue]:
    """A model that gradients train needs a stage."""
    model, stages = _model(sections), _written_stages(sections)
    by_gradient = model is None or model.answers["trains_by_gradient"]
    if by_gradient and isinstance(stages, dict) and _all_removed(stages):
        yield ConfigIssue(("training", "stages"), "no stage is left, so nothing would be trained")


def only_gradients_need_a_stage(sections: Sections) -> Iterator[ConfigIssue]:
    """A model that gradients do not train must not have any, not even the one of the default."""
    model, stages = _model(sections), _written_stages(sections)
    by_gradient = model is None or model.answers["trains_by_gradient"]
    if by_gradient is False and not (isinstance(stages, dict) and _all_removed(stages)):
        place = ("training", "stages") if stages is not None else ()
        yield ConfigIssue(place, "gradients move nothing in this model, so it has no stages; write `stages: {}`")


def the_best_is_judged_on_somebody(sections: Sections) -> Iterator[ConfigIssue]:
    """`keep: best` needs validation subjects."""
    training, written = sections.get(("training",)), sections.get(("split",))
    split = written.config if written else SplitConfig()
    keeps_best = training is not None and training.value.get("keep") == "best"
    if split is not None and keeps_best and not split.validation:
        yield ConfigIssue(("training", "keep"), "`best` is judged on validation subjects; set split.validation above 0")


STAGE_RULES: tuple[Callable[[Sections], Iterator[ConfigIssue]], ...] = (
    stages_train_parts_of_the_model,
    stages_name_losses_of_the_recipe,
    stages_minimize_something,
    init_from_names_parts_of_the_model,
    gradients_need_a_stage,
    only_gradients_need_a_stage,
    the_best_is_judged_on_somebody,
)


def _stages(sections: Sections) -> Iterator[tuple[Path, StageConfig]]:
    """The stages that are right."""
    for path, section in sections.items():
        if isinstance(section.config, StageConfig):
            yield path, section.config


def _written_stages(sections: Sections) -> Any:
    """What is written under `stages`, right or wrong; None if nothing is."""
    training = sections.get(("training",))
    return training.value.get("stages") if training else None


def _all_removed(stages: Mapping[str, Any]) -> bool:
    return all(stage is None for stage in stages.values())


def _model(sections: Sections) -> Section | None:
    """The model, with what it says of itself; None while its options are wrong."""
    section = sections.get(("model",))
    return section if section and isinstance(section.config, ModelConfig) else None


def _written_parts(sections: Sections) -> list[str] | None:
    """Names of the parts that the model has, right or wrong; None if nobody knows the model."""
    section = sections.get(("model",))
    return [name for name in section.part_fields() if section.value.get(name) is not None] if section else None


def _written_losses(sections: Sections) -> list[str]:
    """Names of the losses that the recipe has, right or wrong."""
    losses = sections[()].value.get("losses")
    return [name for name, loss in losses.items() if loss is not None] if isinstance(losses, dict) else []


def _unknown(path: Path, chosen: Sequence[str], valid: Sequence[str], noun: str) -> Iterator[ConfigIssue]:
    """The names of a list that are not valid; `all` names what there is."""
    for index, name in enumerate(() if chosen == "all" else chosen):
        if name not in valid:
            place: Path = (*path, index)
            yield ConfigIssue(place, f"no {noun} is called {name}; {suggestion(name, valid)}")
