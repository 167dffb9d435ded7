"""Albums: which other pictures of a person stand beside a query. Drawn by key, never the query, never with labels."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Int

from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.data.randomness import keyed_generator
from gcnet_core.plugin_api import NEUTRAL, Sample, UserError
from gcnet_core.recipe import Recipe
from gcnet_core.recipe.schema import AlbumConfig

CORRELATION = 0.995
"""From which two pictures of a person are one picture under two names, as `gcnet data check` has it."""


@dataclass(frozen=True)
class Pictures:
    """All pictures of one person.

    Args:
        image: row of each among the images of the table.
        session: of each.
        expression: of each; a reference that is no query is neutral.
    """

    image: Int[np.ndarray, "picture"]
    session: np.ndarray
    expression: np.ndarray


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
    people: dict[str, Pictures]
    twins: dict[int, frozenset[int]]

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
        return self._of(sample)[0]

    @cached_property
    def available(self) -> Int[np.ndarray, "sample"]:
        """How many pictures there are for each sample."""
        return np.array([len(self.candidates(sample)) for sample in range(len(self.samples))])

    @cached_property
    def twins_left_out(self) -> int:
        """How many pictures are in no album of a sample because they show the query under another name."""
        return sum(len(self.twins.get(int(row), ())) for row in self.query)

    def _of(self, sample: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows and expressions of the pictures that may stand beside a sample."""
        known = self.people.get(self.samples[sample].subject or "")
        if known is None:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=object)
        row, session = int(self.query[sample]), self.samples[sample].session
        allowed = known.image != row
        if self.config.source == "other_session":
            allowed &= np.array([other is not None and other != session for other in known.session], dtype=bool)
            allowed &= session is not None
        allowed &= ~np.isin(known.image, list(self.twins.get(row, ())))
        return known.image[allowed], known.expression[allowed]

    def _chosen(self, sample: int, expressions: str, random: np.random.Generator) -> np.ndarray:
        """All pictures that may be taken, in the order in which they are."""
        rows, shown = self._of(sample)
        order = random.permutation(len(rows))
        rows, shown = rows[order], shown[order]
        if expressions == "balanced":
            return rows[np.argsort(_times_before(shown), kind="stable")]
        if expressions == "random" or not len(rows):
            return rows
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
        twins=_twins(table, people),
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


def _twins(table: FaceTable, people: dict[str, Pictures]) -> dict[int, frozenset[int]]:
    """For each picture the others of its person that are nearly equal, as a copy or the next frame of a video is."""
    twins = {}
    queries: dict[str, set[int]] = defaultdict(set)
    for position, sample in enumerate(table.samples):
        if sample.subject is not None:
            queries[sample.subject].add(int(table.query[position]))
    for subject, pictures in people.items():
        rows = np.array(sorted({*pictures.image.tolist(), *queries[subject]}), dtype=np.int64)
        alike = _correlation(table.images[torch.from_numpy(rows)].flatten(1).numpy()) > CORRELATION
        np.fill_diagonal(alike, False)
        for row, twin in zip(rows, alike, strict=True):
            if twin.any():
                twins[int(row)] = frozenset(rows[twin].tolist())
    return twins


def _correlation(pixels: np.ndarray) -> Float[np.ndarray, "picture picture"]:
    """Correlation of every two pictures; a constant one is like other constant ones."""
    values = pixels.astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    length = np.linalg.norm(values, axis=1, keepdims=True)
    values /= np.where(length > 0, length, 1)
    constant = (length[:, 0] == 0).astype(np.float32)
    return np.asarray(values @ values.T + np.outer(constant, constant))


def _check(albums: Albums) -> None:
    """Tell what can give no album at all."""
    if not albums.available.any():
        people = sum(sample.subject is not None for sample in albums.samples)
        sessions = sum(sample.session is not None for sample in albums.samples)
        cure = " `album.source: any` takes any other picture." if albums.config.source == "other_session" else ""
        raise UserError(
            f"album: none of {len(albums.samples):,} pictures has another one of the same person: {people:,} name a "
            f"person, {sessions:,} a session.{cure}"
        )
    shown = sorted({sample.expression for sample in albums.samples} | {NEUTRAL})
    words = ("random", "balanced", "one", "same", "different")
    if albums.test_expressions not in (*words, *shown):
        raise UserError(
            f"evaluation.album_expressions: {albums.test_expressions} is none of {', '.join(words)}, and no expression "
            f"of the data, which are {', '.join(shown)}"
        )


def _times_before(names: Sequence[str] | np.ndarray) -> Int[np.ndarray, "name"]:
    """How often each name came before."""
    counts: dict[str, int] = defaultdict(int)
    times = []
    for name in names:
        times.append(counts[name])
        counts[name] += 1
    return np.array(times, dtype=np.int64)
