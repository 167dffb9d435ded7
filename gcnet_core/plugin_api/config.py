"""Base classes of part options: pydantic, frozen, unknown keys forbidden, defaults only here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import Field

from gcnet_core.plugin_api.evidence import Evidence
from gcnet_core.plugin_api.left_out import LeftOut
from gcnet_core.plugin_api.options import Options, refuse_old_members
from gcnet_core.plugin_api.part import Part
from gcnet_core.plugin_api.recipe_info import ConfigIssue, RecipeInfo

OLD_MEMBERS = {
    "fit": "check",
    "facts": "info",
    "uses": "required_outputs",
    "provides": "available_outputs",
    "lenient": "permissive",
}


TAGS = frozenset({"stochastic", "needs_gpu"})
"""What a part may say of itself by `tags`: it draws at random in evaluation too, or works on a GPU alone."""


class PluginConfig(Options):
    """Options of one part. Subclass it and give every field a default and a description.

    `tags` are names of `TAGS`, by which the contract kit chooses its checks; `has_own_losses` says that the part brings
    losses of its own, so that a stage which trains it needs no others.
    """

    tags: ClassVar[frozenset[str]] = frozenset()
    has_own_losses: ClassVar[bool] = False

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        refuse_old_members(cls, OLD_MEMBERS)

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        """Say why this part cannot work in a recipe with these properties.

        Args:
            info: image size, classes, references and model outputs of the recipe.

        Returns:
            Problems, with paths relative to this part; none when it fits.
        """
        return ()

    def parts(self) -> "dict[str, Part]":
        """The parts nested in this one, by field name."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if isinstance(value, Part)}


class GeneratorConfig(PluginConfig):
    """Options of a generator."""

    has_own_losses: ClassVar[bool] = True


class ReferenceConfig(PluginConfig):
    """Options of a reference: which pictures a query is compared with."""

    def needs_generator(self) -> bool:
        """Whether it cannot do without a generator."""
        return False

    def needs_true_reference(self) -> bool:
        """Whether it cannot do without a real neutral picture of the subject, in training and at test."""
        return False

    def uses_album(self) -> bool:
        """Whether it is trained on other pictures of the subject, and is to be tested with them."""
        return False


class JoinConfig(PluginConfig):
    """Options of a join: how several pictures become one reference."""

    def needs_generator(self) -> bool:
        """Whether it weighs pictures by how far they are from the neutral face that the generator makes of them."""
        return False


class EncoderConfig(PluginConfig):
    """Options of an encoder."""


class DecoderConfig(PluginConfig):
    """Options of a decoder."""


class LossConfig(PluginConfig):
    """Options of a loss term.

    `required_outputs` names the fields of `Output` that the loss reads, so that the network computes no more than that;
    `optional_outputs` those that it reads where they are there; `constant_outputs` those of either through which no
    gradient flows, beside `target_code`; `needs_references` says that the loss is always zero on data without neutral
    references; `compares_samples` that it compares the samples of a batch with each other, so that no number of
    accumulated batches is one large batch; `gathers_batch` that it compares those of the parts of a batch, too, which
    several processes compute, by `gather_batch`.
    """

    required_outputs: ClassVar[frozenset[str]] = frozenset()
    optional_outputs: ClassVar[frozenset[str]] = frozenset()
    constant_outputs: ClassVar[frozenset[str]] = frozenset()
    needs_references: ClassVar[bool] = False
    compares_samples: ClassVar[bool] = False
    gathers_batch: ClassVar[bool] = False

    weight: float = Field(1.0, ge=0, description="factor of this term in the objective (a lambda of the paper)")

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        if self.needs_references and not info.references:
            yield ConfigIssue(
                (),
                "this loss needs neutral references, which the data set does not have; remove it with `null`, or let "
                "`missing_references` name what stands in",
            )
        missing = sorted(self.required_outputs - info.available_outputs)
        if missing:
            yield ConfigIssue((), f"this loss needs {', '.join(missing)}, which the model does not compute")


class ModelConfig(PluginConfig):
    """Options of a model: its parts and how they are joined."""

    def available_outputs(self) -> frozenset[str]:
        """The fields of `Output` that this model can compute."""
        return frozenset({"features", "logits"})

    def parts_with_own_losses(self) -> frozenset[str]:
        """Names of the parts that bring losses of their own, so that a stage which trains one needs no others."""
        return frozenset(name for name, part in self.parts().items() if part.config.has_own_losses)

    def trains_by_gradient(self) -> bool:
        """Whether the stages of training move any weight of this model; if not, it has none and is only fitted."""
        return True

    def needs_true_reference(self) -> bool:
        """Whether the model sees a real neutral picture of the subject beside each query, in training and at test.

        Samples without one cannot be used.
        """
        return False

    def uses_album(self) -> bool:
        """Whether the model is trained on other pictures of the subject, and is to be tested with them.

        A sample without any is used all the same.
        """
        return False


class DetectorConfig(PluginConfig):
    """Options of a face detector."""

    renamed_keys: ClassVar[Mapping[str, str]] = {
        "turns": "rotations",
        "sure": "min_confidence",
        "advantage": "rotation_margin",
        "neighbours": "neighbors",
    }

    rotations: tuple[float, ...] = Field(
        (),
        description="degrees, counter-clockwise, by which a picture is turned and searched again where no face stands "
        "upright for sure",
    )
    min_confidence: float = Field(
        0.0, description="score from which an upright face is taken without a look at turned pictures"
    )
    rotation_margin: float = Field(
        1.1, ge=1, description="how many times surer a face in a turned picture must be: most people stand upright"
    )

    def permissive(self) -> "DetectorConfig":
        """Options that overlook as few upright faces as possible, to tell what is surely none."""
        return self.model_copy(update={"rotations": ()})


class EngineConfig(PluginConfig):
    """Options of an engine.

    `runs_elsewhere` says that jobs may run on other machines: their devices are not looked for on this one, and all of
    them are handed over at once unless `--workers` says how many.
    """

    runs_elsewhere: ClassVar[bool] = False

    cores: int | None = Field(
        None, ge=1, le=4096, description="CPU cores of a job; default: those of this machine, shared by the jobs"
    )


@dataclass(frozen=True)
class DatasetInfo:
    """What a data set holds, known before any image is read.

    Args:
        classes: expression names in canonical order.
        references: whether neutral references are known.
        folds: number of published folds; 0 if there are none.
    """

    classes: tuple[str, ...]
    references: bool
    folds: int = 0


class DatasetConfig(PluginConfig):
    """Options of a data set.

    `codes` are the numbers by which its authors write expressions; `published` says how many images of each expression
    they count, by what was counted: `gcnet data check` tells by them which numbers were read in a wrong order. A
    `generic` part reads any data in its format, and is asked last whose a folder is; `reads_list` says that its format
    is a list. Where `names_people` is false, a `subject` only keeps pictures together that no split may tear, of
    several people perhaps, so there are no albums. `supersedes` are names of parts whose labels these replace: where
    both lie in a folder, the older are not taken. `layout` is the tree that it reads, shown where something else lies.

    Whose a folder is, is told by errors: `MissingData` means that it holds other data, or not all of these; any other
    `UserError` means that it holds these data and they are wrong, so no other part may read around the error. Where
    a `generic` part knows its data by folders alone (`reads_list` is false), another part may.
    """

    generic: ClassVar[bool] = False
    reads_list: ClassVar[bool] = False
    layout: ClassVar[str] = ""
    names_people: ClassVar[bool] = True
    supersedes: ClassVar[frozenset[str]] = frozenset()
    codes: ClassVar[Mapping[int, str]] = {}
    published: ClassVar[Mapping[str, Mapping[str, int]]] = {}

    weight: float = Field(
        1.0, gt=0, description="how often its images are drawn in training, relative to the other sets of a list"
    )
    train_only: bool = Field(
        False, description="add to the training of the other sets of a list: its people are never tested"
    )

    def info(self) -> DatasetInfo:
        """What the data holds, without decoding an image.

        Raises:
            MissingData: if the files are not there; the text says what to put where.
        """
        raise NotImplementedError

    def evidence(self) -> Evidence:
        """By what it knows that the folder holds its data, asked where `info` raised nothing."""
        return Evidence("names", "it knows these files")

    def left_out(self) -> tuple[LeftOut, ...]:
        """Files in its folder that no sample shows, each with the reason, so that nothing is dropped in silence.

        Files on disk are those that samples show, or take as reference, and these.

        Raises:
            MissingData: if the files are not there.
            UserError: if a list or a name is wrong.
        """
        return ()

    def notes(self) -> tuple[str, ...]:
        """What a user should know of these data before training on them; said when a run begins and by `data check`."""
        return ()

    def preparation(self) -> dict[str, Any] | None:
        """How faces were found and cut out, as `gcnet data prepare` saved it; None where nobody knows."""
        return None

    def framing(self) -> dict[str, float] | None:
        """Where the eyes usually lie in the pictures of a collection that others cut out; None where nobody knows.

        Keys are those of a preparation: `eye_distance`, `eye_height`, `margin`. Photographs are framed so for a model
        that was trained on this collection.
        """
        return None


def preparation_of_today(settings: dict[str, Any]) -> dict[str, Any]:
    """A saved preparation with the names that its detector's options have today, so that two can be compared."""
    detector, names = settings.get("detector"), DetectorConfig.old_keys()
    if not isinstance(detector, dict):
        return settings
    return {**settings, "detector": {names.get(key, key): value for key, value in detector.items()}}


def common_preparation(sets: Iterable[DatasetConfig]) -> dict[str, Any] | None:
    """How the faces of some data sets were cut out; None where nobody knows, or one was cut out in another way."""
    first, *others = (config.preparation() for config in sets)
    return first if all(other == first for other in others) else None
