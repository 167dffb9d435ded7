"""Albums: which other pictures of a person stand beside a query. Drawn by key, never the query, never with labels."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from jaxtyping import Int

from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.data.loader import times_before
from gcnet_core.data.randomness import keyed_generator
from gcnet_core.data.twins import twins
from gcnet_core.plugin_api import NEUTRAL, Sample, UserError
from gcnet_core.recipe import Recipe
from gcnet_core.recipe.schema import AlbumConfig


@dataclass(frozen=True)
class Pictures:
    """Pictures of one person.

    Args:
        image: row of each among the images of the table.
        session: of each.
        expression: of each; a reference that is no query is neutral.
    """

    image: Int[np.ndarray, "picture"]
    session: np.ndarray
    expression: np.ndarray

    def of_other_sessions(self, session: str | None) -> "Pictures":
        """Those that are known to be of another session than a known one."""
        known = np.array([other is not None for other in self.session], dtype=bool)
        return self.only(known & (self.session != session) & (session is not None))

    def only(self, chosen: np.ndarray) -> "Pictures":
        """Some of them."""
        return Pictures(self.image[chosen], self.session[chosen], self.expression[chosen])


@dataclass(frozen=True)
class Albums:
    """Draws the album of each sample of a table.

    Args:
        config: where pictures come from, and how many.
        seed: of the recipe.
        test_size: pictures of an album at test.
        test_expressions: how they are chosen at test.
        samples: of the table.
        query: row of each sample's image.
        people: the pictures of each person.
        twins: rows of pictures that show the same as another one of that person.
    """

    config: AlbumConfig
    seed: int
    test_size: int
    test_expressions: str
    samples: tuple[Sample, ...]
    query: Int[np.ndarray, "sample"]
    people: Mapping[str, Pictures]
    twins: Mapping[int, Int[np.ndarray, "twin"]]

    def training(
        self, samples: Int[np.ndarray, "batch"], epoch: int, times: Int[np.ndarray, "batch"]
    ) -> Int[np.ndarray, "batch picture"]:
        """Rows of images for some samples, drawn anew in each epoch; UNKNOWN where there are fewer.

        Args:
            samples: row numbers.
            epoch: counted over all stages.
            times: how often each sample came before in this epoch.
        """
        rows = np.full((len(samples), self.config.size), UNKNOWN)
        for position, (sample, time) in enumerate(zip(samples, times, strict=True)):
            random = keyed_generator(self.seed, "album", epoch, int(sample), int(time))
            size = int(random.integers(self.config.smallest, self.config.size, endpoint=True))
            drawn = self._chosen(int(sample), self.config.expressions, random)[:size]
            rows[position, : len(drawn)] = drawn
        return rows

    def test(self, samples: Int[np.ndarray, "batch"]) -> Int[np.ndarray, "batch picture"]:
        """Rows of images for some samples, always the same ones; a smaller album is the beginning of a larger one."""
        rows = np.full((len(samples), self.test_size), UNKNOWN)
        for position, sample in enumerate(samples if self.test_size else ()):
            random = keyed_generator(self.seed, "album", self.samples[sample].image)
            drawn = self._chosen(int(sample), self.test_expressions, random)[: self.test_size]
            rows[position, : len(drawn)] = drawn
        return rows

    def candidates(self, sample: int) -> Int[np.ndarray, "candidate"]:
        """Rows of all images that may stand in the album of a sample."""
        return self._pictures(sample)[0]

    @cached_property
    def available(self) -> Int[np.ndarray, "sample"]:
        """How many pictures there are for each sample."""
        return np.array([len(self.candidates(sample)) for sample in range(len(self.samples))], dtype=np.int64)

    @cached_property
    def twins_left_out(self) -> int:
        """How many pictures are in no album of a sample only because they show the query under another name."""
        return sum(map(self.twins_of, range(len(self.samples))))

    def twins_of(self, sample: int) -> int:
        """How many pictures are left out of the album of one sample."""
        row, of = int(self.query[sample]), self.samples[sample]
        if row not in self.twins:
            return 0
        return int(np.isin(self.twins[row], self._allowed[of.subject, of.session].image).sum())

    @cached_property
    def _allowed(self) -> dict[tuple[str | None, str | None], Pictures]:
        """The pictures that may stand beside a query of a person and a session, if they are not the query."""
        asked = {(sample.subject, sample.session) for sample in self.samples if sample.subject in self.people}
        if self.config.source == "any":
            return {(subject, session): self.people[subject or ""] for subject, session in asked}
        return {(subject, session): self.people[subject or ""].of_other_sessions(session) for subject, session in asked}

    def _pictures(self, sample: int) -> tuple[Int[np.ndarray, "picture"], np.ndarray]:
        """Rows and expressions of the pictures that may stand beside a sample."""
        pictures = self._allowed.get((self.samples[sample].subject, self.samples[sample].session))
        if pictures is None:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=object)
        row = int(self.query[sample])
        allowed = pictures.image != row
        if row in self.twins:
            allowed &= ~np.isin(pictures.image, self.twins[row])
        return pictures.image[allowed], pictures.expression[allowed]

    def _chosen(self, sample: int, expressions: str, random: np.random.Generator) -> Int[np.ndarray, "picture"]:
        """All pictures that may be taken, in the order in which they are."""
        rows, shown = self._pictures(sample)
        order = random.permutation(len(rows))
        rows = rows[order]
        if expressions == "random" or not len(rows):
            return rows
        shown = shown[order]
        if expressions == "balanced":
            return rows[np.argsort(times_before(shown), kind="stable")]
        own = self.samples[sample].expression
        if expressions == "different":
            return rows[shown != own]
        wanted = {"one": shown[0], "same": own}.get(expressions, expressions)
        return rows[shown == wanted]


def with_albums(table: FaceTable, recipe: Recipe) -> FaceTable:
    """The table with the albums that a recipe asks for.

    Args:
        table: all faces.
        recipe: where pictures come from, how many, and the key by which they are drawn.

    Raises:
        UserError: if no sample has another picture, or no expression has the name that albums are to consist of.
    """
    config, evaluation = recipe.album, recipe.evaluation
    if config.source == "none":
        return table
    people = _people(table, config)
    albums = Albums(
        config=config,
        seed=recipe.seed,
        test_size=config.size if evaluation.album_size is None else evaluation.album_size,
        test_expressions=evaluation.album_expressions or config.expressions,
        samples=table.samples,
        query=table.query.numpy(),
        people=people,
        twins=twins(table.images, _rows(table, people)),
    )
    _check(albums)
    return replace(table, albums=albums)


def _people(table: FaceTable, config: AlbumConfig) -> dict[str, Pictures]:
    """The pictures of each person that may stand in albums, each once."""
    found: dict[str, dict[int, tuple[str | None, str]]] = defaultdict(dict)
    for position, sample in enumerate(table.samples):
        if sample.subject is None:
            continue
        reference = int(table.reference[position])
        if config.pictures != "queries" and reference != UNKNOWN:
            found[sample.subject].setdefault(reference, (sample.session, NEUTRAL))
        if config.pictures != "references":
            found[sample.subject][int(table.query[position])] = (sample.session, sample.expression)
    return {
        subject: Pictures(
            np.array(list(pictures), dtype=np.int64),
            np.array([session for session, _ in pictures.values()], dtype=object),
            np.array([expression for _, expression in pictures.values()], dtype=object),
        )
        for subject, pictures in found.items()
    }


def _rows(table: FaceTable, people: Mapping[str, Pictures]) -> dict[str, Int[np.ndarray, "picture"]]:
    """The pictures of each person, those that are only asked about among them."""
    rows = {subject: set(pictures.image.tolist()) for subject, pictures in people.items()}
    for position, sample in enumerate(table.samples):
        if sample.subject in rows:
            rows[sample.subject].add(int(table.query[position]))
    return {subject: np.array(sorted(found), dtype=np.int64) for subject, found in rows.items()}


def _check(albums: Albums) -> None:
    """Tell what can give no album at all."""
    if not albums.available.any():
        raise UserError(
            f"album: none of {len(albums.samples):,} pictures has another one for its album: {_why(albums)}"
        )
    shown = sorted({sample.expression for sample in albums.samples} | {NEUTRAL})
    words = ("random", "balanced", "one", "same", "different")
    if albums.test_expressions not in (*words, *shown):
        raise UserError(
            f"evaluation.album_expressions: {albums.test_expressions} is none of {', '.join(words)}, and no expression "
            f"of the data, which are {', '.join(shown)}"
        )


def _why(albums: Albums) -> str:
    """What the data lack, and what to do."""
    people = {sample.subject for sample in albums.samples if sample.subject is not None}
    if not people:
        return (
            "the data name no person. Name them in the column `subject` of a manifest, or by a folder for each person"
        )
    if not albums.people:
        return "`album.pictures: references` takes neutral references, and the data have none"
    sessions = sum(sample.session is not None for sample in albums.samples)
    anyhow = (
        "`album.source: any` takes any other picture; then see with `gcnet data check` whether albums give labels away"
    )
    if albums.config.source == "other_session" and not sessions:
        return f"of {len(people):,} people no picture names its session (in a manifest the column `session`). {anyhow}"
    if albums.config.source == "other_session":
        return (
            f"each of {len(people):,} people is known in one session only ({sessions:,} pictures name theirs). {anyhow}"
        )
    return f"each of {len(people):,} people has a single one"
