"""The recipes of a comparison: each validated, each with a name of its own. No torch."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe.load import load_recipe
from gcnet_core.recipe.problems import RecipeError, RecipeProblem
from gcnet_core.recipe.run_name import LONGEST_PIECE
from gcnet_core.recipe.schema import Recipe
from gcnet_core.recipe.vary import Variant, variants


@dataclass(frozen=True, eq=False)
class Candidate:
    """A recipe that is compared.

    Args:
        name: unlike all others of the comparison.
        recipe: its values; seed and fold are those of each job.
    """

    name: str
    recipe: Recipe

    @property
    def slug(self) -> str:
        """The name as a folder, or several: values that are paths must not lead out of the comparison."""
        return "/".join(map(_as_folder, re.sub(r"[^\w.=/-]+", "_", self.name).split("/")))


def load_candidates(
    sources: Sequence[str],
    vary: Sequence[str],
    overrides: Sequence[str],
    registry: Registry,
    before_data: Callable[[Candidate], None] = lambda candidate: None,
    album: int | None = None,
) -> list[Candidate]:
    """Each recipe with each choice of the varied values.

    Args:
        sources: files, or names of shipped recipes.
        vary: texts KEY=VALUE,VALUE; see `variants`.
        overrides: texts KEY=VALUE for all recipes.
        registry: where parts are looked up.
        before_data: called with each candidate when its structure is right and its data are about to be listed.
        album: pictures of an album at test, for those recipes that have albums; None: as they say.

    Raises:
        RecipeError: with every problem of every recipe, each told once.
        UserError: if there is no such file, two recipes have one name, or none has the albums whose size is given.
    """
    choices, registry = variants(vary), registry.sharing()
    candidates: list[Candidate] = []
    problems: dict[RecipeProblem, None] = {}
    for source in sources:
        for choice in choices:
            try:
                candidates.append(_candidate(source, choice, overrides, registry, before_data, album))
            except RecipeError as error:
                problems.update(dict.fromkeys(error.problems))
    if problems:
        raise RecipeError(list(problems))
    if album is not None and not any(candidate.recipe.album.source != "none" for candidate in candidates):
        raise UserError(f"--album {album}: no recipe has albums; `--set album.source=other_session` gives them some")
    for kind in ("name", "slug"):
        name, count = Counter(getattr(candidate, kind) for candidate in candidates).most_common(1)[0]
        if count > 1:
            raise UserError(f"{name} is to be compared {count} times; give each recipe once, or a `name` of its own")
    return candidates


def _as_folder(piece: str) -> str:
    """One piece of a name as a folder of its own, of a length that file systems take."""
    if piece in ("", ".", ".."):
        return "_"
    if len(piece.encode()) <= LONGEST_PIECE:
        return piece
    digest = hashlib.sha256(piece.encode()).hexdigest()[:12]
    return f"{piece.encode()[:LONGEST_PIECE].decode(errors='ignore')}_{digest}"


def with_album_size(candidate: Candidate, size: int | None) -> Candidate:
    """The candidate with another number of album pictures at test; as it is where its recipe has no albums."""
    recipe = candidate.recipe
    if size is None or recipe.album.source == "none":
        return candidate
    evaluation = recipe.evaluation.model_copy(update={"album_size": size})
    return replace(candidate, recipe=recipe.model_copy(update={"evaluation": evaluation}))


def _candidate(
    source: str,
    choice: Variant,
    overrides: Sequence[str],
    registry: Registry,
    before_data: Callable[[Candidate], None],
    album: int | None,
) -> Candidate:
    def named(recipe: Recipe) -> Candidate:
        return with_album_size(Candidate(f"{recipe.name} {choice.label}".rstrip(), recipe), album)

    def before(recipe: Recipe) -> None:
        before_data(named(recipe))

    return named(load_recipe(source, overrides, registry, vary=choice.overrides, before_data=before))
