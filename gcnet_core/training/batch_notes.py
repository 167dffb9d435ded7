"""What a user should know of the batches of a training, said once when it begins."""

from collections.abc import Iterator

from torch import nn

from gcnet_core.recipe import Recipe
from gcnet_core.training.processes import ALONE, Processes


def batch_notes(recipe: Recipe, model: nn.Module, samples: int, processes: Processes = ALONE) -> Iterator[str]:
    """Where batches are not what the recipe seems to say.

    Args:
        recipe: batch size, accumulation, losses.
        model: whose direct children are the parts.
        samples: that train.
        processes: which share each batch.
    """
    size, accumulate = recipe.training.batch_size, recipe.training.accumulate
    if size * accumulate > samples:
        yield f"training.batch_size: a step of {size * accumulate} images is more than all {samples}; it takes these"
    compared = [name for name, loss in recipe.losses.items() if loss.config.compares_samples]
    apart = [f"losses.{name}" for name in compared if not recipe.losses[name].config.gathers_batch]
    if processes.count > 1 and apart:
        yield f"{processes.count} processes: {', '.join(apart)} compares the images of each process by itself"
    if processes.count > 1 and recipe.training.compile:
        yield (
            f"{processes.count} processes: what compiled parts draw at random (dropout, noise) is another draw for "
            "each number of processes, so figures are not those of one"
        )
    if accumulate == 1:
        return
    normed = [name for name, part in model.named_children() if _has_batch_norm(part)]
    if normed:
        yield f"training.accumulate: batch norm ({', '.join(normed)}) sees each batch of {size} images by itself"
    if compared:
        names = ", ".join(f"losses.{name}" for name in compared)
        yield f"training.accumulate: {names} compares the {size} images of a batch, not those of all that are added up"


def _has_batch_norm(part: nn.Module) -> bool:
    return any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in part.modules())
