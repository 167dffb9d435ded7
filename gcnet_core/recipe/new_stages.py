"""A stage that `--set` makes: is it meant, or is it the misspelt name of another?"""

from dataclasses import replace

from gcnet_core.recipe.problems import FLAGS, Place, Problems, suggestion
from gcnet_core.recipe.schema import TrainingConfig
from gcnet_core.recipe.tree import Node

STAGES = ("training", "stages")


def without_misspelt_stages(root: Node, written: Node, problems: Problems) -> Node:
    """The tree without stages that only single keys, not enough for a stage of its own, made.

    A new stage is meant if it is given as a whole, `training.stages.NAME={...}`, or if more than its `epochs` is set.

    Args:
        root: the tree with all overrides.
        written: the tree before them.
        problems: where each other name is told.
    """
    stages, found = root.follow(STAGES)
    before, known = written.follow(STAGES)
    names = before.content if known == STAGES else TrainingConfig().stages
    if found != STAGES or not isinstance(stages.content, dict) or not isinstance(names, dict):
        return root
    content = dict(stages.content)
    for name, stage in stages.content.items():
        place = _made_by(stage)
        if name not in names and place is not None:
            whole = f"a new one is given as a whole, such as {'.'.join(STAGES)}.{name}={{epochs: 3}}"
            problems.add(place, f"no stage is called {name} ({whole}); {suggestion(name, names)}", (*STAGES, name))
            del content[name]
    training = root.content[STAGES[0]]
    training = replace(training, content={**training.content, STAGES[1]: replace(stages, content=content)})
    return replace(root, content={**root.content, STAGES[0]: training})


def _made_by(stage: Node) -> Place | None:
    """The override that alone made a stage by setting keys in it; None if the stage is whole, or in a file."""
    places = stage.keys.values()
    single = all(place.file.startswith(FLAGS) and place.column == 1 for place in places)
    whole = "epochs" in stage.keys and len(stage.keys) > 1
    return stage.place if isinstance(stage.content, dict) and places and single and not whole else None
