"""Generators of the second round: other good ones, and other ways to spoil them."""

HEAD = '''"""A generator in one file."""

from functools import partial
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from gcnet_core.interfaces import BuildContext, Estimate, Generator, Phase, ReferencePairs, masked_mean
from gcnet_core.plugin_api import ComponentSpec, ConfigIssue, GeneratorConfig, RecipeInfo, hookimpl


def within(images: Tensor) -> Tensor:
    """Values in [0, 1] in single precision; the gradient passes as if there were no limit."""
    images = images.float()
    return images + (images.clamp(0, 1) - images).detach()

'''

TAIL = """

@hookimpl
def gcnet_components():
    return [
        ComponentSpec(
            kind="generator",
            name="part",
            config=PartConfig,
            target=f"{__name__}:Part",
            summary="SUMMARY",
        )
    ]
"""


def _source(summary: str, body: str) -> str:
    return HEAD + body.strip("\n") + "\n" + TAIL.replace("SUMMARY", summary)


REFINE = _source(
    "walks from the query to the reference in a few steps of one recurrent cell",
    '''
BENDS = {"tanh": torch.tanh, "relu": torch.relu, "silu": functional.silu}


class PartConfig(GeneratorConfig):
    """Options of the recurrent cell."""

    width: int = Field(10, ge=1, le=256, description="width of the state of the cell")
    steps: int = Field(3, ge=1, le=20, description="number of steps of the cell")
    bend: Literal["tanh", "relu", "silu"] = Field("tanh", description="what bends the state of the cell")
    settle: float = Field(0.05, ge=0, description="factor of the squared size of the last step")
    noise: float = Field(0.02, ge=0, le=1, description="deviation of the noise on queries in training")


class Part(Generator):
    """The cell sees the query and its own last face."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        colours = context.image.channels
        self.enter = nn.Conv2d(2 * colours, config.width, 5, padding=2, padding_mode="replicate")
        self.keep = nn.Conv2d(config.width, config.width, 3, padding=1)
        self.leave = nn.Conv2d(config.width, colours, 3, padding=1)

    def walk(self, query: Tensor) -> tuple[Tensor, Tensor]:
        face, last = query, torch.zeros_like(query)
        hidden = query.new_zeros(len(query), self.config.width, *query.shape[-2:])
        for _ in range(self.config.steps):
            seen = torch.cat([query, face], dim=1) - 0.5
            hidden = BENDS[self.config.bend](self.enter(seen) + self.keep(hidden))
            last = self.leave(hidden).float() / self.config.steps
            face = face - last
        return face, last

    def forward(self, query: Tensor) -> Tensor:
        if self.training and self.config.noise:
            query = query + self.config.noise * torch.randn_like(query)
        return within(self.walk(query)[0])

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        face, last = self.walk(pairs.query)
        return Estimate(within(face), {"settle": self.config.settle * last.square().mean()})
''',
)

PALETTE = _source(
    "mixes every block of pixels from a palette of learned blocks",
    '''
class PartConfig(GeneratorConfig):
    """Options of the palette."""

    entries: int = Field(8, ge=2, le=512, description="number of learned blocks")
    balance: float = Field(0.01, ge=0, description="factor of the term that wants all blocks to be used")
    fairness: float = Field(0.2, ge=0, le=2, description="how much a block that was used often is avoided")
    momentum: float = Field(0.1, gt=0, le=1, description="share of a new batch in the running usage")

    def check(self, info: RecipeInfo):
        if info.image.size % 4:
            text = f"image size {info.image.size} is no multiple of 4, the side of a block"
            yield ConfigIssue(("image", "size"), text, absolute=True)


class Part(Generator):
    """Shares of the blocks by softmax; how often each was used is remembered and counts."""

    config: PartConfig
    usage: Tensor

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        values = 16 * context.image.channels
        self.palette = nn.Parameter(torch.randn(config.entries, values))
        self.ask = nn.Sequential(nn.PixelUnshuffle(4), nn.Conv2d(values, config.entries, 3, padding=1))
        self.blend = nn.Parameter(torch.zeros(()))
        self.register_buffer("usage", torch.full((config.entries,), 1 / config.entries))

    def shares(self, query: Tensor) -> Tensor:
        often = (self.usage * self.config.entries + 1e-3).log().view(1, -1, 1, 1)
        return (self.ask(2 * query - 1).float() - self.config.fairness * often).softmax(dim=1)

    def mixed(self, query: Tensor, shares: Tensor) -> Tensor:
        blocks = torch.einsum("bers,ep->bprs", shares, torch.sigmoid(self.palette)).float()
        made = functional.pixel_shuffle(blocks, 4)
        weight = torch.sigmoid(self.blend)
        return within((1 - weight) * query + weight * made)

    def forward(self, query: Tensor) -> Tensor:
        return self.mixed(query, self.shares(query))

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        shares = self.shares(pairs.query)
        mean = shares.mean(dim=(0, 2, 3))
        estimate = self.mixed(pairs.query, shares)
        if self.training:
            self.usage = (1 - self.config.momentum) * self.usage + self.config.momentum * mean.detach()
        uneven = (mean * (mean * self.config.entries + 1e-6).log()).sum()
        return Estimate(estimate, {"balance": self.config.balance * uneven})
''',
)

FOURIER = _source(
    "a learned gain for every frequency of the face, and a local correction",
    '''
class PartConfig(GeneratorConfig):
    """Options of the filter."""

    width: int = Field(8, ge=1, le=256, description="width of the local correction")
    decay: float = Field(0.01, ge=0, description="factor of the squared gains")


class Part(Generator):
    """The Fourier transform needs single precision, so it is done outside of autocast."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        colours, size = context.image.channels, context.image.size
        self.gain = nn.Parameter(0.05 * torch.randn(colours, size, size // 2 + 1, 2))
        self.look = nn.Conv2d(colours, config.width, 5, padding=2)
        self.correct = nn.Conv2d(config.width, colours, 5, padding=2)

    def forward(self, query: Tensor) -> Tensor:
        with torch.autocast(query.device.type, enabled=False):
            spectrum = torch.fft.rfft2(query.float(), norm="ortho")
            changed = spectrum * (1 + torch.view_as_complex(self.gain.float()))
            filtered = torch.fft.irfft2(changed, s=query.shape[-2:], norm="ortho")
        local = self.correct(functional.silu(self.look(2 * query - 1)))
        return within(filtered - local)

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        return Estimate(self(pairs.query), self.extra_losses(pairs))

    def extra_losses(self, pairs: ReferencePairs):
        return {"decay": self.config.decay * self.gain.square().mean()}
''',
)

BRIDGE = _source(
    "a straight flow from query to reference, learned at random moments",
    '''
class PartConfig(GeneratorConfig):
    """Options of the flow."""

    width: int = Field(12, ge=2, le=256, multiple_of=2, description="width of the hidden maps")
    steps: int = Field(2, ge=1, le=50, description="steps in which the flow is followed")
    factor: float = Field(1.0, ge=0, description="factor of the error of the velocity")


class Part(Generator):
    """The velocity at a moment is seen from the face of that moment and the query."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        colours = context.image.channels
        self.first = nn.Conv2d(2 * colours + 1, config.width, 5, padding=2)
        self.norm = nn.GroupNorm(2, config.width)
        self.last = nn.Conv2d(config.width, colours, 5, padding=2)

    def velocity(self, faces: Tensor, query: Tensor, moment: Tensor) -> Tensor:
        clock = moment.view(-1, 1, 1, 1).expand(-1, 1, *faces.shape[-2:])
        maps = self.first(torch.cat([faces, query, clock], dim=1) - 0.5)
        return self.last(functional.silu(self.norm(maps))).float()

    def forward(self, query: Tensor) -> Tensor:
        faces = query
        for step in range(self.config.steps):
            moment = torch.full((len(query),), step / self.config.steps, device=query.device)
            faces = faces + self.velocity(faces, query, moment) / self.config.steps
        return within(faces)

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        terms = self.extra_losses(pairs)
        return Estimate(self(pairs.query), terms)

    def extra_losses(self, pairs: ReferencePairs):
        moment = torch.rand(len(pairs), device=pairs.query.device)
        faces = torch.lerp(pairs.query, pairs.reference, moment.view(-1, 1, 1, 1))
        wanted = pairs.reference - pairs.query
        error = (self.velocity(faces, pairs.query, moment) - wanted).square().mean(dim=(1, 2, 3))
        return {"velocity": self.config.factor * masked_mean(error, pairs.has_reference)}
''',
)

RIVALS = _source(
    "two critics, one of the whole face and one of its texture, each with a phase of its own",
    '''
class PartConfig(GeneratorConfig):
    """Options of the generator and its two critics."""

    width: int = Field(8, ge=2, le=256, multiple_of=2, description="width of the hidden maps of all networks")
    against: float = Field(0.02, ge=0, description="factor of what the critics say")
    rate: float = Field(1e-3, gt=0, description="learning rate of the critics")


class Critic(nn.Module):
    """One verdict for a face, after it was made smaller."""

    def __init__(self, colours: int, width: int, shrink: int) -> None:
        super().__init__()
        self.shrink = shrink
        self.first = nn.Conv2d(colours, width, 3, padding=1)
        self.last = nn.Linear(width, 1)

    def forward(self, face: Tensor) -> Tensor:
        small = functional.avg_pool2d(face, self.shrink)
        maps = functional.leaky_relu(self.first(2 * small - 1), 0.2)
        return self.last(maps.mean(dim=(2, 3))).squeeze(1).float()


class Part(Generator):
    """Hinge losses; the critics see only faces whose true reference is known."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        colours, width = context.image.channels, config.width
        self.draw = nn.Sequential(
            nn.Conv2d(colours, width, 5, padding=2),
            nn.GroupNorm(2, width),
            nn.SiLU(),
            nn.Conv2d(width, colours, 5, padding=2),
        )
        self.whole = Critic(colours, width, 4)
        self.texture = Critic(colours, width, 1)

    def forward(self, query: Tensor) -> Tensor:
        return within(query - self.draw(2 * query - 1))

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        estimate = self(pairs.query)
        verdict = self.whole(estimate) + self.texture(estimate)
        return Estimate(estimate, {"critics": -self.config.against * masked_mean(verdict, pairs.has_reference)})

    def phases(self):
        return [
            Phase("whole critic", [self.whole], partial(self.judge, "whole"), 1, self.config.rate),
            Phase("texture critic", [self.texture], partial(self.judge, "texture"), 2, self.config.rate),
        ]

    def judge(self, which: str, pairs: ReferencePairs):
        critic = getattr(self, which)
        with torch.no_grad():
            made = self(pairs.query)
        hinge = (1 - critic(pairs.reference)).relu() + (1 + critic(made)).relu()
        return {f"{which} hinge": masked_mean(hinge, pairs.has_reference)}
''',
)

GOOD: dict[str, str] = {"refine": REFINE, "palette": PALETTE, "fourier": FOURIER, "bridge": BRIDGE, "rivals": RIVALS}

FAULTS: list[tuple[str, str, str, str]] = [
    # --- common mistakes
    # why: the gradient of a critic's phase reaches the drawing network, whose gradients nobody clears in that phase
    (
        "phase_leaves_gradients_in_the_drawer",
        "rivals",
        "        with torch.no_grad():\n            made = self(pairs.query)",
        "        made = self(pairs.query)",
    ),
    # why: the drawing network is frozen by the first phase of a critic and never thawed: it learns no more
    (
        "phase_freezes_the_drawer",
        "rivals",
        "        critic = getattr(self, which)\n",
        "        critic = getattr(self, which)\n        self.draw.requires_grad_(False)\n",
    ),
    # why: gradients that the trainer accumulates over several batches are thrown away
    (
        "clears_gradients_in_the_step",
        "refine",
        "        face, last = self.walk(pairs.query)\n",
        "        self.zero_grad()\n        face, last = self.walk(pairs.query)\n",
    ),
    # why: modules are expected, which the trainer asks for parameters; these are parameters
    ("phase_of_parameters", "rivals", '"whole critic", [self.whole]', '"whole critic", list(self.whole.parameters())'),
    # why: the running usage drags the graph of all steps along: the second backward pass raises, memory grows
    ("state_keeps_the_graph", "palette", "self.config.momentum * mean.detach()", "self.config.momentum * mean"),
    # why: the path through numpy takes the gradient of the weights away and stops on a GPU
    (
        "gain_through_numpy",
        "fourier",
        "changed = spectrum * (1 + torch.view_as_complex(self.gain.float()))",
        "changed = spectrum * torch.from_numpy(1 + self.gain.detach().numpy() @ __import__('numpy').array([1, 1j], dtype='complex64'))",
    ),
    # why: evaluation under no_grad still builds graphs: memory of a whole test set, tensors that cannot become numpy
    (
        "graph_under_no_grad",
        "bridge",
        "        faces = query\n        for step in range(self.config.steps):",
        "        with torch.enable_grad():\n            return self.followed(query)\n\n"
        "    def followed(self, query: Tensor) -> Tensor:\n        faces = query\n        for step in range(self.config.steps):",
    ),
    # why: the weights at the start come from numpy, which the recipe's seed may not reach: torch's seed repeats nothing
    (
        "weights_drawn_by_numpy",
        "fourier",
        "0.05 * torch.randn(colours, size, size // 2 + 1, 2)",
        "torch.from_numpy(__import__('numpy').random.default_rng().normal(0, 0.05, (colours, size, size // 2 + 1, 2)).astype('float32'))",
    ),
    # why: options that the recipe gives are unknown: the registered class is not the part's own
    (
        "registered_with_the_base_options",
        "fourier",
        "            config=PartConfig,\n",
        "            config=GeneratorConfig,\n",
    ),
    # --- subtle
    # why: every evaluation takes numbers from the trainer's generator, so that evaluating changes the training
    (
        "evaluation_draws_and_throws_away",
        "refine",
        "        if self.training and self.config.noise:\n            query = query + self.config.noise * torch.randn_like(query)",
        "        query = query + self.config.noise * float(self.training) * torch.randn_like(query)",
    ),
    # why: the root has no finite slope at 0: one sample without reference makes all gradients nan, though the term is fine
    (
        "slope_of_a_root_at_zero",
        "bridge",
        '        return {"velocity": self.config.factor * masked_mean(error, pairs.has_reference)}',
        "        error = (error * pairs.has_reference).sqrt()\n"
        '        return {"velocity": self.config.factor * masked_mean(error, pairs.has_reference)}',
    ),
    # why: known faces count less the more unknown ones are in the batch
    (
        "unknown_faces_are_counted",
        "bridge",
        "masked_mean(error, pairs.has_reference)}",
        "(error * pairs.has_reference).mean()}",
    ),
    # why: the estimates come in another order than the queries, losses compare different people
    (
        "estimates_in_another_order",
        "bridge",
        "        return Estimate(self(pairs.query), terms)",
        "        order = torch.randperm(len(pairs), device=pairs.query.device)\n        return Estimate(self(pairs.query[order]), terms)",
    ),
    # why: half of the training batches are answered with mirrored faces, which do not fit query and reference
    (
        "mirrored_answers_in_training",
        "refine",
        "        return Estimate(within(face), {",
        "        if torch.rand(()) < 0.5:\n            face = face.flip(-1)\n        return Estimate(within(face), {",
    ),
    # why: weights that the backward pass needs are limited in place before it: training stops with an error of autograd
    (
        "weights_overwritten_before_backward",
        "palette",
        "        uneven = (mean",
        "        with torch.no_grad():\n            self.ask[1].weight.clamp_(-1, 1)\n        uneven = (mean",
    ),
    # why: each call adds one more hook that halves the gradient: learning fades away
    (
        "hooks_pile_up",
        "fourier",
        "        local = self.correct(",
        "        if self.gain.requires_grad:\n            self.gain.register_hook(lambda slope: slope / 2)\n        local = self.correct(",
    ),
    # why: two generators in one process (two folds, a moving average) write into one usage
    (
        "usage_shared_by_all_instances",
        "palette",
        "self.usage = (1 - self.config.momentum) * self.usage + self.config.momentum * mean.detach()",
        "Part.often = 0.9 * getattr(Part, 'often', 0.0) + 0.1 * mean.detach()\n            self.usage.copy_(Part.often)",
    ),
    # why: the stored state is longer with every step: a checkpoint cannot be loaded into a new part
    (
        "stored_state_grows",
        "palette",
        "        uneven = (mean",
        "        if self.training:\n            self.register_buffer('log', torch.cat([getattr(self, 'log', mean.detach()[:0]), mean.detach()[:1]]))\n        uneven = (mean",
    ),
    # --- situations that a default call does not show
    # why: sizes that are odd (49 pixels) give a face that is one column too narrow
    (
        "odd_sizes_lose_a_column",
        "fourier",
        'torch.fft.irfft2(changed, s=query.shape[-2:], norm="ortho")',
        'torch.fft.irfft2(changed, norm="ortho")',
    ),
    # why: the last batch of an evaluation is of any length; with an odd one it stops
    (
        "odd_batches_stop",
        "refine",
        "        return within(self.walk(query)[0])",
        "        if len(query) == 1:\n            return within(self.walk(query)[0])\n"
        "        halves = query.view(2, len(query) // 2, *query.shape[1:]).unbind(0)\n        return within(torch.cat([self.walk(half)[0] for half in halves]))",
    ),
    # why: one of the values that the options allow ends in a KeyError when the run has begun
    ("one_choice_is_not_there", "refine", '"relu": torch.relu, "silu"', '"relu": torch.relu, "swish"'),
    # why: with the factor 0, which the options allow, there are no phases but None: the trainer stops
    (
        "no_phases_is_none",
        "rivals",
        "    def phases(self):\n",
        "    def phases(self):\n        if not self.config.against:\n            return None\n",
    ),
    # why: whoever asks before the network is in training mode gets no phases; the critics then never move
    (
        "phases_hang_on_the_mode",
        "rivals",
        "    def phases(self):\n",
        "    def phases(self):\n        if not self.training:\n            return []\n",
    ),
    # why: classes are empty where the data could not be read yet: the check of the recipe ends in a traceback
    (
        "check_needs_classes",
        "palette",
        "        if info.image.size % 4:\n",
        "        if info.classes[0] != 'neutral' and not info.references:\n            return\n        if info.image.size % 4:\n",
    ),
    # why: small images (a recipe may ask for 8 pixels) cannot be padded so far by reflection
    (
        "reflection_beyond_small_images",
        "refine",
        'config.width, 5, padding=2, padding_mode="replicate")',
        'config.width, 5, padding=10, dilation=5, padding_mode="reflect")',
    ),
    # why: warnings of all other parts and of torch are switched off in the whole process
    (
        "silences_all_warnings",
        "bridge",
        "        super().__init__(config, context)\n",
        "        super().__init__(config, context)\n        __import__('warnings').simplefilter('ignore')\n",
    ),
]

OPTIONS: dict = {}
NEEDED: dict[str, str] = {}
