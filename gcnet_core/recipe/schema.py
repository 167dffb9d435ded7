"""The recipe: every key that a user can write, with its default, range and meaning. No torch."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from gcnet_core.plugin_api import LARGEST_SEED, Betas, ImageConfig, Options, Part, UserPath, common_preparation, part_of
from gcnet_core.recipe.run_name import check_name


class SplitConfig(Options):
    """Which subjects train and which are tested; never the same person in both."""

    scheme: Literal["subjects", "official"] = Field(
        "subjects",
        description="`subjects`: k folds drawn over subjects; `official`: the data set's published folds, or the parts "
        "for training, validation and test that it publishes (then fold 0 is the only one)",
    )
    folds: int = Field(5, ge=2, le=1000, description="number of folds of the scheme `subjects`")
    fold: Annotated[int, Field(ge=0, lt=1000)] | Literal["all"] = Field(
        0, description="the fold that is tested, from 0; `all` trains and tests every fold and pools the results"
    )
    validation: float = Field(
        0.0,
        ge=0,
        lt=0.9,
        description="share of the training SUBJECTS held out for choices such as `training.keep: best`",
    )
    training_subjects: int | None = Field(
        None,
        ge=1,
        le=10_000_000,
        description="train on so many subjects only, to see what more of them are worth; those of a smaller number are "
        "among those of a larger one; null: all",
    )
    copies: Literal["keep", "leave_out"] = Field(
        "keep",
        description="training images that are nearly equal to a validation or test image, which happens in collections "
        "from the web, and constant ones: train on them, or leave them out",
    )


BLIND = ("random", "balanced", "one")
"""Ways to choose the pictures of an album that do not look at the label of the query."""


class AlbumConfig(Options):
    """Other pictures of the person beside each query: never the query itself, never with labels."""

    renamed_values: ClassVar[Mapping[str, Mapping[str, str]]] = {"source": {"other_sequence": "other_session"}}

    source: Literal["none", "other_session", "any"] = Field(
        "none",
        description="where they come from: nowhere, the person's other sessions (the other sequences, where a data set "
        "consists of sequences), or any. In a set with the same expressions for everybody `any` gives the label away: "
        "the rest of a session names the one that is missing",
    )
    pictures: Literal["queries", "references", "all"] = Field(
        "queries",
        description="which pictures count: the labelled ones, the neutral references (calm frames of a video), or both",
    )
    size: int = Field(4, ge=1, le=64, description="pictures of an album, where there are so many")
    smallest: int = Field(
        1, ge=0, le=64, description="a training sample sees from so many up to `size` pictures, drawn anew each time"
    )
    expressions: Literal["random", "balanced", "one"] = Field(
        "random",
        description="how pictures are chosen: at random, of as many expressions as there are, or of one expression, "
        "which is drawn",
    )
    missing: Literal["keep", "leave_out"] = Field(
        "keep",
        description="samples whose person has fewer than `smallest` pictures: they see what there is, or are left out",
    )


class AugmentConfig(Options):
    """Random changes of training images, drawn for each sample and the same for a query and its reference."""

    flip: float = Field(0.5, ge=0, le=1, description="probability of mirroring left and right")
    rotation: float = Field(8.0, ge=0, le=180, description="largest rotation, degrees")
    shift: float = Field(0.05, ge=0, le=0.5, description="largest shift, as a share of the image size")
    scale: float = Field(0.08, ge=0, le=0.5, description="largest zoom in or out, as a share")
    brightness: float = Field(0.1, ge=0, le=1, description="largest change of brightness, in units of the range [0, 1]")
    contrast: float = Field(0.15, ge=0, lt=1, description="largest change of contrast, as a share")


class OptimizerConfig(Options):
    """Optimiser and learning-rate schedule."""

    type: Literal["adamw", "sgd"] = Field("adamw", description="AdamW, or SGD with Nesterov momentum")
    learning_rate: float = Field(1e-3, gt=0, description="peak learning rate")
    weight_decay: float = Field(0.01, ge=0, description="decoupled for AdamW; not applied to biases and norms")
    betas: Betas = Field((0.9, 0.999), description="decay rates of AdamW's moments")
    momentum: float = Field(0.9, ge=0, lt=1, description="momentum of SGD")
    warmup: float = Field(0.05, ge=0, lt=1, description="share of a stage's steps over which the rate rises linearly")
    schedule: Literal["cosine", "constant"] = Field("cosine", description="how the rate falls after the warm-up")


class StageConfig(Options):
    """One stage of training: what moves, under which losses, for how long."""

    renamed_keys: ClassVar[Mapping[str, str]] = {"begin": "copy_weights"}

    epochs: int = Field(ge=1, le=1_000_000, description="passes over the training images")
    train: tuple[str, ...] | Literal["all"] = Field(
        "all", description="parts of the model that move, e.g. `[generator]`; the others stay frozen, statistics too"
    )
    losses: tuple[str, ...] | Literal["all"] = Field(
        "all", description="names under `losses` that count; a generator's own terms count whenever it is trained"
    )
    learning_rate: float | None = Field(
        None, gt=0, description="peak learning rate of this stage; default: the optimiser's"
    )
    copy_weights: dict[str, str] = Field(
        default_factory=dict,
        description="parts, or parts of them, that take the weights of others when the stage begins, e.g. "
        "`encoder.blocks: generator.blocks`; from then on each goes its own way",
    )


CURE = "`gcnet data prepare` brings them to one crop"


def _without_nulls(value: Any) -> Any:
    """`name: null` removes an entry that an extended recipe brought."""
    return {key: entry for key, entry in value.items() if entry is not None} if isinstance(value, dict) else value


class TrainingConfig(Options):
    """How the stages are run."""

    renamed_keys: ClassVar[Mapping[str, str]] = {"start_from": "init_from"}

    stages: Annotated[dict[str, StageConfig], BeforeValidator(_without_nulls)] = Field(
        default_factory=lambda: {"joint": StageConfig(epochs=10)},
        description="stages by name, run in the order written; `name: null` removes one of an extended recipe",
    )
    init_from: Annotated[dict[str, UserPath], BeforeValidator(_without_nulls)] = Field(
        default_factory=dict,
        description="parts that begin with the weights of a finished run, as part: its folder; it must not have been "
        "trained on the people who are tested here; `part: null` removes one of an extended recipe",
    )
    batch_size: int = Field(32, ge=2, le=65_536, description="samples per step")
    sampler: Literal["all", "balanced"] = Field(
        "all", description="each image once in an epoch, or as many draws of each class"
    )
    accumulate: int = Field(
        1, ge=1, le=65_536, description="batches whose gradients are added up for one optimiser step"
    )
    optimizer: OptimizerConfig = Field(OptimizerConfig(), description="optimiser and schedule")
    clip_gradient: float | None = Field(1.0, gt=0, description="largest norm of the gradient; null: no limit")
    ema: float | None = Field(
        None, gt=0, lt=1, description="decay of a moving average of the weights, used in evaluation"
    )
    precision: Literal["float32", "bf16", "fp16"] = Field("float32", description="autocast type of the forward passes")
    channels_last: bool = Field(False, description="keep images in channels-last memory format")
    compile: bool = Field(False, description="compile the parts with torch.compile")
    speed: Literal["auto"] | None = Field(
        None,
        description="auto: what is fastest on the device of the run, by rule, takes the places of `precision`, "
        "`channels_last` and `compile`, whatever these say; what was picked stands in summary.json",
    )
    keep: Literal["last", "best"] = Field(
        "last", description="weights kept: of the last epoch, or of the best epoch on validation subjects"
    )
    checkpoint_minutes: float = Field(
        2.0, ge=0, description="save a checkpoint at the first end of an epoch after this"
    )


class EvaluationConfig(Options):
    """What is measured on the test subjects."""

    batch_size: int = Field(64, ge=1, le=65_536, description="images per forward pass")
    flip: bool = Field(False, description="average the probabilities of each image and its mirror image")
    album_size: int | None = Field(
        None, ge=0, le=64, description="pictures of an album at test; 0: the query alone; null: `album.size`"
    )
    album_expressions: str | None = Field(
        None,
        description="how they are chosen at test: as `album.expressions` says (null), by one of its values, or of "
        "nothing but the query's own expression (`same`), of others (`different`), or of the class that is named. It "
        "looks at labels, to measure what a one-sided album costs",
    )
    bootstrap: int = Field(2000, ge=100, le=1_000_000, description="resamples of subjects for the 95 % intervals")


class ReportConfig(Options):
    """What the report shows."""

    grid: int = Field(8, ge=1, le=64, description="test images in the grid of generated references")
    tsne: bool = Field(True, description="draw t-SNE maps (takes a few seconds)")


class Recipe(Options):
    """A complete experiment."""

    extends: str | tuple[str, ...] | None = Field(
        None,
        description="recipe whose values this one changes: a path relative to this file, or a shipped recipe; in a "
        "list of several, the later ones win",
    )
    name: Annotated[str, AfterValidator(check_name)] = Field(
        "", description="name of the run folder; default: the file's path below `recipes/` without suffix"
    )
    summary: str = Field("", description="one line for `gcnet recipes list`")
    seed: int = Field(0, ge=0, le=LARGEST_SEED, description="key of all randomness")
    threads: Annotated[int, Field(ge=1, le=65_536)] | Literal["auto"] = Field(
        "auto", description="CPU threads; auto: few for small networks"
    )
    image: ImageConfig = Field(ImageConfig(), description="size and channels of all images")
    data: part_of("dataset", many=True) = Field(  # type: ignore[valid-type]
        description="the data set, or a list of several that are trained together"
    )
    labels: dict[str, str | None] = Field(
        default_factory=dict,
        description="other names for expressions: `smile: happiness` renames, one name for several merges them, null "
        "drops one; holds for every data set that the model meets",
    )
    missing_references: Literal["none", "lowest_intensity", "mean_neutral", "other_people"] = Field(
        "none",
        description="what stands in where a subject's neutral face is unknown: nothing (no generative loss there), "
        "the subject's image with the weakest expression, the mean of the training neutrals, or a training neutral of "
        "somebody else",
    )
    align_references: bool = Field(
        False,
        description="move, turn and scale each neutral picture onto its query first, for faces that were not all cut "
        "out alike",
    )
    album: AlbumConfig = Field(AlbumConfig(), description="other pictures of the person beside each query")
    split: SplitConfig = Field(SplitConfig(), description="training, validation and test subjects")
    augment: AugmentConfig = Field(AugmentConfig(), description="random changes of training images")
    model: part_of("model") = Field(description="the network and its parts")  # type: ignore[valid-type]
    losses: Annotated[dict[str, part_of("loss")], BeforeValidator(_without_nulls)] = Field(  # type: ignore[valid-type]
        default_factory=dict, description="loss terms by name; `name: null` removes one of an extended recipe"
    )
    training: TrainingConfig = Field(TrainingConfig(), description="stages, optimiser, precision")
    evaluation: EvaluationConfig = Field(EvaluationConfig(), description="measurements on test subjects")
    report: ReportConfig = Field(ReportConfig(), description="contents of the report")

    @property
    def data_sets(self) -> tuple[Part, ...]:
        """The data sets, one or several."""
        return self.data if isinstance(self.data, tuple) else (self.data,)

    def of_trial(self, seed: int, fold: int) -> "Recipe":
        """The recipe with the seed and the fold of one training."""
        return self.model_copy(update={"seed": seed, "split": self.split.model_copy(update={"fold": fold})})

    def notes(self) -> list[str]:
        """What a user should know of the data before training on them."""
        notes = [note for part in self.data_sets for note in part.config.notes()]
        crops = [part.config.preparation() for part in self.data_sets]
        if any(crop != crops[0] for crop in crops):
            notes.append("the data sets were cut out in different ways, which can cost ten points of accuracy: " + CURE)
        return notes

    def preparation(self) -> dict[str, Any] | None:
        """How faces of these data were found and cut out; None where nobody knows, or each set was cut in its way."""
        return common_preparation(part.config for part in self.data_sets)

    def framing(self) -> dict[str, float] | None:
        """Where the eyes lie in pictures of the first data set, which the model is tested on; None if unknown."""
        framing: dict[str, float] | None = self.data_sets[0].config.framing()
        return framing

    def part_paths(self) -> dict[tuple[Any, ...], Part]:
        """Every part of the recipe, nested ones included, by its path."""
        found: dict[tuple[Any, ...], Part] = {}

        def visit(path: tuple[Any, ...], part: Part) -> None:
            found[path] = part
            for name, nested in part.config.parts().items():
                visit((*path, name), nested)

        for index, part in enumerate(self.data_sets):
            visit(("data", index) if isinstance(self.data, tuple) else ("data",), part)
        visit(("model",), self.model)
        for name, loss in self.losses.items():
            visit(("losses", name), loss)
        return found
