"""Drawing albums: by key, never the query, never with labels."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from jaxtyping import Int

from gcnet_core.data.faces import UNKNOWN
from gcnet_core.data.loader import times_before
from gcnet_core.data.randomness import keyed_generator
from gcnet_core.plugin_api import Sample
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

    def as_in_training(self) -> "Albums":
        """The same with albums at test that are chosen as those of training, for what is fitted to training samples."""
        return replace(self, test_size=self.config.size, test_expressions=self.config.expressions)

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
