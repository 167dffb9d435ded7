"""Generators written by somebody who has not seen the kit: good ones, and ways to spoil them."""

HEAD = '''"""A generator in one file."""

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from gcnet_core.interfaces import BuildContext, Estimate, Generator, Phase, ReferencePairs, masked_mean
from gcnet_core.plugin_api import ComponentSpec, ConfigIssue, GeneratorConfig, RecipeInfo, hookimpl


def limited(images: Tensor) -> Tensor:
    """Values in [0, 1]; the gradient passes as if there were no limit."""
    return images + (images.clamp(0, 1) - images).detach()


def error_of_each(estimate: Tensor, truth: Tensor) -> Tensor:
    return (estimate.float() - truth.float()).abs().mean(dim=(1, 2, 3))

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


COARSE = _source(
    "the query minus a smooth change that is predicted at a lower resolution",
    '''
class PartConfig(GeneratorConfig):
    """Options of the coarse change."""

    channels: int = Field(12, ge=1, le=256, description="width of the hidden layers")
    block: int = Field(2, ge=1, le=8, description="side of the blocks of pixels that are looked at together")


class Part(Generator):
    """Looks at block means, predicts how they change, and spreads the change smoothly."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        colours, width = context.image.channels, config.channels
        self.first = nn.Conv2d(colours, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=2, dilation=2)
        self.last = nn.Conv2d(width, colours, 3, padding=1)

    def forward(self, query: Tensor) -> Tensor:
        small = functional.avg_pool2d(query, self.config.block)
        hidden = functional.silu(self.first(2 * small - 1))
        hidden = functional.silu(hidden + self.second(hidden))
        change = functional.interpolate(self.last(hidden), size=query.shape[-2:], mode="bilinear", align_corners=False)
        return limited(query - change)
''',
)

ATOMS = _source(
    "a mixture of learned faces, blended with the query",
    '''
class PartConfig(GeneratorConfig):
    """Options of the dictionary of faces."""

    atoms: int = Field(6, ge=1, le=512, description="number of learned faces that are mixed")
    own_weight: float = Field(0.5, ge=0, description="factor of the distance to the true reference")


class Part(Generator):
    """Every reference is a convex mixture of learned faces and of the query."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        colours, size = context.image.channels, context.image.size
        self.atoms = nn.Parameter(0.5 * torch.randn(config.atoms, colours, size, size))
        self.chooser = nn.Sequential(nn.Linear(colours * 64, 24), nn.Tanh(), nn.Linear(24, config.atoms + 1))

    def forward(self, query: Tensor) -> Tensor:
        seen = functional.adaptive_avg_pool2d(query, 8).flatten(1)
        shares = self.chooser(2 * seen - 1).float().softmax(dim=1)
        mixed = torch.einsum("ba,achw->bchw", shares[:, 1:], torch.sigmoid(self.atoms))
        return limited(mixed.float() + shares[:, 0].view(-1, 1, 1, 1) * query)

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        estimate = self(pairs.query)
        distance = masked_mean(error_of_each(estimate, pairs.reference), pairs.has_reference)
        return Estimate(estimate, {"distance": self.config.own_weight * distance})
''',
)

NOISY = _source(
    "denoising on blocks of pixels: noise on the query and dropout while it trains",
    '''
class PartConfig(GeneratorConfig):
    """Options of the denoiser."""

    width: int = Field(16, ge=4, le=256, multiple_of=4, description="width of the hidden layers")
    noise: float = Field(0.05, ge=0, le=1, description="deviation of the noise on queries in training")
    dropout: float = Field(0.1, ge=0, lt=1, description="share of hidden maps that are dropped in training")
    l1: float = Field(1.0, ge=0, description="factor of the absolute error to the true reference")

    def check(self, info: RecipeInfo):
        if info.image.size % 4:
            text = f"image size {info.image.size} is no multiple of 4, the side of the blocks of this generator"
            yield ConfigIssue(("image", "size"), text, absolute=True)


class Part(Generator):
    """Predicts the expression from blocks of pixels and takes it away."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        values = 16 * context.image.channels
        self.body = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(values, config.width, 3, padding=1),
            nn.GroupNorm(4, config.width),
            nn.GELU(),
            nn.Dropout2d(config.dropout),
            nn.Conv2d(config.width, values, 3, padding=1),
            nn.PixelShuffle(4),
        )

    def forward(self, query: Tensor) -> Tensor:
        seen = query
        if self.training:
            seen = query + self.config.noise * torch.randn_like(query)
        return limited(query - self.body(2 * seen - 1))

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        estimate = self(pairs.query)
        return Estimate(estimate, self.compared(estimate, pairs))

    def extra_losses(self, pairs: ReferencePairs):
        return self.compared(self(pairs.query), pairs)

    def compared(self, estimate: Tensor, pairs: ReferencePairs):
        each = error_of_each(estimate, pairs.reference)
        return {"l1": self.config.l1 * masked_mean(each, pairs.has_reference)}
''',
)

CRITIC = _source(
    "least squares against a critic of whole faces, which moves in a phase of its own",
    '''
class PartConfig(GeneratorConfig):
    """Options of the generator and its critic."""

    width: int = Field(10, ge=1, le=256, description="width of the hidden layers of both networks")
    against: float = Field(0.02, ge=0, description="factor of the term that the critic gives")
    every: int = Field(2, ge=1, description="the critic takes a step on every so many of the generator's")
    critic_rate: float = Field(1e-3, gt=0, description="learning rate of the critic")


class Critic(nn.Module):
    """One verdict for a face beside its query."""

    def __init__(self, colours: int, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(2 * colours, width, 4, stride=2, padding=1)
        self.last = nn.Linear(width, 1)

    def forward(self, query: Tensor, face: Tensor) -> Tensor:
        maps = functional.leaky_relu(self.first(2 * torch.cat([query, face], dim=1) - 1), 0.2)
        return self.last(maps.mean(dim=(2, 3))).squeeze(1)


class Part(Generator):
    """A shallow network that a critic judges where the true reference is known."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        colours, width = context.image.channels, config.width
        self.draw = nn.Sequential(
            nn.Conv2d(colours, width, 5, padding=2), nn.ReLU(), nn.Conv2d(width, colours, 5, padding=2)
        )
        self.critic = Critic(colours, width)

    def forward(self, query: Tensor) -> Tensor:
        return limited(query - self.draw(2 * query - 1))

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        estimate = self(pairs.query)
        verdict = self.critic(pairs.query, estimate).float()
        term = masked_mean((verdict - 1).square(), pairs.has_reference)
        return Estimate(estimate, {"verdict": self.config.against * term})

    def phases(self):
        return [Phase("critic", [self.critic], self.judge, self.config.every, self.config.critic_rate, (0.5, 0.99))]

    def judge(self, pairs: ReferencePairs):
        with torch.no_grad():
            made = self(pairs.query)
        on_true = (self.critic(pairs.query, pairs.reference).float() - 1).square()
        on_made = self.critic(pairs.query, made).float().square()
        return {"critic": masked_mean(on_true + on_made, pairs.has_reference)}
''',
)

WARP = _source(
    "moves the pixels of the query: a smooth field of displacements, and a gain",
    '''
class PartConfig(GeneratorConfig):
    """Options of the warp."""

    grid: int = Field(6, ge=2, le=32, description="places along a side at which the displacement is predicted")
    reach: float = Field(0.2, gt=0, le=1, description="largest displacement, as a share of half the image")
    width: int = Field(16, ge=1, le=256, description="width of the hidden layers")


class Part(Generator):
    """The estimate is the query itself, with its pixels elsewhere and somewhat lighter or darker."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.look = nn.Sequential(nn.Conv2d(context.image.channels, config.width, 5, padding=2), nn.ReLU())
        self.mix = nn.Sequential(nn.Conv2d(config.width, config.width, 3, padding=1), nn.ReLU())
        self.move = nn.Conv2d(config.width, 3, 3, padding=1)

    def forward(self, query: Tensor) -> Tensor:
        rows, columns = query.shape[-2:]
        maps = self.mix(functional.adaptive_avg_pool2d(self.look(2 * query - 1), self.config.grid))
        field = functional.interpolate(self.move(maps).float(), size=(rows, columns), mode="bilinear", align_corners=True)
        down = torch.linspace(-1, 1, rows, device=query.device).view(1, rows, 1).expand(len(query), rows, columns)
        across = torch.linspace(-1, 1, columns, device=query.device).view(1, 1, columns).expand(len(query), rows, columns)
        shift = self.config.reach * field[:, :2].tanh()
        places = torch.stack([across + shift[:, 0], down + shift[:, 1]], dim=3)
        moved = functional.grid_sample(query.float(), places, padding_mode="border", align_corners=True)
        return limited(moved + 0.5 * field[:, 2:].tanh())
''',
)

MEMORY = _source(
    "the query drawn towards the running mean of the true references that were seen",
    '''
class PartConfig(GeneratorConfig):
    """Options of the running mean."""

    momentum: float = Field(0.1, gt=0, le=1, description="share of a new batch in the running mean")
    width: int = Field(8, ge=1, le=256, description="width of the hidden layer of the gates")


class Part(Generator):
    """Gates say for each pixel how much of the mean face is taken in place of the query."""

    config: PartConfig
    face: Tensor
    seen: Tensor

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        colours, size = context.image.channels, context.image.size
        self.register_buffer("face", torch.full((1, colours, size, size), 0.5))
        self.register_buffer("seen", torch.zeros((), dtype=torch.long))
        self.gate = nn.Sequential(
            nn.Conv2d(2 * colours, config.width, 5, padding=2), nn.ReLU(), nn.Conv2d(config.width, 2 * colours, 5, padding=2)
        )

    def forward(self, query: Tensor) -> Tensor:
        mean = self.face.expand(len(query), -1, -1, -1)
        share, change = self.gate(torch.cat([query, mean], dim=1) - 0.5).float().chunk(2, dim=1)
        share = share.sigmoid()
        return limited((1 - share) * query + share * mean + change)

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        if self.training:
            self.remember(pairs)
        return Estimate(self(pairs.query))

    @torch.no_grad()
    def remember(self, pairs: ReferencePairs) -> None:
        known = pairs.has_reference
        if known.any():
            share = self.config.momentum if self.seen else 1.0
            new = pairs.reference[known].mean(dim=0, keepdim=True)
            self.face = (1 - share) * self.face + share * new
            self.seen = self.seen + known.sum()
''',
)

LOWRANK = _source(
    "a linear map of few numbers from face to change of face, after contrast is made equal",
    '''
class PartConfig(GeneratorConfig):
    """Options of the low-rank map."""

    rank: int = Field(12, ge=1, le=256, description="length of the code between the two linear maps")
    equalize: bool = Field(True, description="whether every face has mean 0 and deviation 1 when it is looked at")
    smooth: float = Field(0.01, ge=0, description="factor of the squared size of the code")


class Part(Generator):
    """Two linear maps on the pixels of a face, with a bend between."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        values = context.image.channels * context.image.size**2
        self.inward = nn.Linear(values, config.rank)
        self.outward = nn.Linear(config.rank, values)

    def code(self, query: Tensor) -> Tensor:
        flat = query.flatten(1)
        if self.config.equalize:
            mean = flat.mean(dim=1, keepdim=True)
            deviation = flat.std(dim=1, keepdim=True, correction=0)
            flat = (flat - mean) / (deviation + 0.05)
        return torch.tanh(self.inward(flat).float())

    def forward(self, query: Tensor) -> Tensor:
        return self.drawn(query, self.code(query))

    def drawn(self, query: Tensor, code: Tensor) -> Tensor:
        change = self.outward(code).float().reshape(query.shape)
        return limited(query - change)

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        code = self.code(pairs.query)
        size = code.square().mean()
        return Estimate(self.drawn(pairs.query, code), {"size": self.config.smooth * size})

    def extra_losses(self, pairs: ReferencePairs):
        return {"size": self.config.smooth * self.code(pairs.query).square().mean()}
''',
)

GOOD: dict[str, str] = {
    "coarse": COARSE,
    "atoms": ATOMS,
    "noisy": NOISY,
    "critic": CRITIC,
    "warp": WARP,
    "memory": MEMORY,
    "lowrank": LOWRANK,
}

FAULTS: list[tuple[str, str, str, str]] = [
    # why: losses and the encoder get pictures outside [0, 1] as soon as the change is large
    ("no_limit", "coarse", "return limited(query - change)", "return query - change"),
    # why: in evaluation the range holds, in training it does not: the encoder is trained on other pictures
    (
        "limit_only_in_evaluation",
        "noisy",
        "return limited(query - self.body(2 * seen - 1))",
        "made = query - self.body(2 * seen - 1)\n        return made if self.training else limited(made)",
    ),
    # why: whoever changes image.size gets pictures of another size than the query
    ("fixed_output_size", "coarse", "size=query.shape[-2:]", "size=(64, 64)"),
    # why: colour recipes cannot be trained
    (
        "grey_only",
        "warp",
        "nn.Conv2d(context.image.channels, config.width, 5, padding=2)",
        "nn.Conv2d(1, config.width, 5, padding=2)",
    ),
    # why: in colour all three channels come out the same, colours are lost
    (
        "one_channel_copied",
        "coarse",
        "return limited(query - change)",
        "return limited(query - change).mean(dim=1, keepdim=True).expand(-1, query.shape[1], -1, -1)",
    ),
    # why: the classifier, the losses and the next epoch see a changed query
    (
        "query_changed_in_place",
        "warp",
        "rows, columns = query.shape[-2:]",
        "rows, columns = query.clamp_(0.02, 0.98).shape[-2:]",
    ),
    # why: a prediction depends on who else is in the batch
    ("contrast_of_the_whole_batch", "lowrank", "flat.std(dim=1, keepdim=True, correction=0)", "flat.std(correction=0)"),
    # why: batch statistics in evaluation too, a face alone gets another estimate
    (
        "batch_norm_without_running_statistics",
        "noisy",
        "nn.GroupNorm(4, config.width)",
        "nn.BatchNorm2d(config.width, track_running_stats=False)",
    ),
    # why: two evaluations of one model give two results
    (
        "noise_in_evaluation_too",
        "noisy",
        "        if self.training:\n            seen =",
        "        if self.config.noise:\n            seen =",
    ),
    # why: the trainer's seed does not reach numpy, so a resumed or repeated run differs
    (
        "noise_of_numpy",
        "noisy",
        "torch.randn_like(query)",
        "torch.from_numpy(__import__('numpy').random.standard_normal(tuple(query.shape))).to(query)",
    ),
    # why: a private generator goes on between steps and is not in a checkpoint: resume differs
    (
        "noise_of_a_private_generator",
        "noisy",
        "torch.randn_like(query)",
        "torch.randn(query.shape, generator=self.__dict__.setdefault('source', torch.Generator().manual_seed(7))).to(query)",
    ),
    # why: all that draws after it (dropout, augmentation of others) repeats itself at every step
    (
        "seeds_torch_in_forward",
        "noisy",
        "        seen = query\n",
        "        seen = query\n        torch.manual_seed(0)\n",
    ),
    # why: every part built after it starts from the same weights whatever the recipe's seed
    (
        "seeds_torch_in_constructor",
        "lowrank",
        "        values = context.image.channels",
        "        torch.manual_seed(1234)\n        values = context.image.channels",
    ),
    # why: results depend on how many batches were evaluated before
    (
        "estimate_fades_with_calls",
        "coarse",
        "return limited(query - change)",
        "self.calls = getattr(self, 'calls', 0) + 1\n        return limited(query - change * (1 + 0.05 * min(self.calls, 10)))",
    ),
    # why: the mean face is missing in the stored model, which answers otherwise after loading
    (
        "mean_face_not_stored",
        "memory",
        'self.register_buffer("face", torch.full((1, colours, size, size), 0.5))',
        'self.register_buffer("face", torch.full((1, colours, size, size), 0.5), persistent=False)',
    ),
    # why: not stored, and stays on the CPU when the model is moved
    (
        "plain_tensor_as_state",
        "memory",
        'self.register_buffer("face", torch.full((1, colours, size, size), 0.5))',
        "self.face = torch.full((1, colours, size, size), 0.5)",
    ),
    # why: validation and test move the state of the model
    (
        "state_moves_in_evaluation",
        "memory",
        "        mean = self.face.expand(len(query), -1, -1, -1)",
        "        self.face = 0.9 * self.face + 0.1 * query.detach().mean(dim=0, keepdim=True)\n"
        "        mean = self.face.expand(len(query), -1, -1, -1)",
    ),
    # why: each forward pass, evaluation too, makes the weights smaller
    (
        "weights_decay_in_forward",
        "coarse",
        "        small = functional.avg_pool2d",
        "        self.last.weight.data.mul_(0.99)\n        small = functional.avg_pool2d",
    ),
    # why: samples without reference are drawn to black pictures
    (
        "term_not_masked",
        "atoms",
        "masked_mean(error_of_each(estimate, pairs.reference), pairs.has_reference)",
        "error_of_each(estimate, pairs.reference).mean()",
    ),
    # why: a batch without any reference gives nan, and the run stops
    (
        "nan_without_references",
        "noisy",
        "self.config.l1 * masked_mean(each, pairs.has_reference)",
        "self.config.l1 * each[pairs.has_reference].mean()",
    ),
    # why: the mask is turned round, only unknown references count
    ("mask_turned_round", "noisy", "masked_mean(each, pairs.has_reference)", "masked_mean(each, ~pairs.has_reference)"),
    # why: a sum in place of a mean: the weight of the term hangs on the batch size
    (
        "sum_in_place_of_mean",
        "atoms",
        "distance = masked_mean(error_of_each(estimate, pairs.reference), pairs.has_reference)",
        "distance = (error_of_each(estimate, pairs.reference) * pairs.has_reference).sum()",
    ),
    # why: `total` is the sum of all terms; the trainer refuses the name
    ("term_called_total", "lowrank", '{"size": self.config.smooth * size}', '{"total": self.config.smooth * size}'),
    # why: terms must be scalars
    ("term_is_a_vector", "lowrank", "size = code.square().mean()\n", "size = code.square().mean(dim=1)\n"),
    # why: the term is a number without gradient and teaches nothing
    (
        "term_without_gradient",
        "atoms",
        "self.config.own_weight * distance}",
        "self.config.own_weight * distance.detach()}",
    ),
    # why: a Python number is no tensor, the sum of terms fails
    ("term_is_a_float", "atoms", "self.config.own_weight * distance}", "self.config.own_weight * float(distance)}"),
    # why: metrics get a new column for each size of batch
    (
        "term_named_by_batch",
        "lowrank",
        '{"size": self.config.smooth * size}',
        '{f"size of {len(code)}": self.config.smooth * size}',
    ),
    # why: where nobody needs the estimate the own term is lost in silence
    ("extra_losses_forget_the_term", "noisy", "return self.compared(self(pairs.query), pairs)", "return {}"),
    # why: the term has another size where nobody needs the estimate
    (
        "extra_losses_of_another_size",
        "lowrank",
        'return {"size": self.config.smooth * self.code(pairs.query).square().mean()}',
        'return {"size": self.config.smooth * self.code(pairs.query).square().sum()}',
    ),
    # why: training_step must return an Estimate
    (
        "returns_a_pair",
        "noisy",
        "return Estimate(estimate, self.compared(estimate, pairs))",
        "return estimate, self.compared(estimate, pairs)",
    ),
    # why: the model is trained on true references and tested on others: perfect in training only
    (
        "true_reference_as_estimate",
        "memory",
        "return Estimate(self(pairs.query))",
        "known = pairs.has_reference.view(-1, 1, 1, 1)\n        return Estimate(torch.where(known, pairs.reference, self(pairs.query)))",
    ),
    # why: in training the estimate knows the brightness of the answer
    (
        "brightness_of_the_answer",
        "lowrank",
        'return Estimate(self.drawn(pairs.query, code), {"size": self.config.smooth * size})',
        "made = self.drawn(pairs.query, code)\n        light = (pairs.reference - made).mean(dim=(1, 2, 3), keepdim=True).detach()\n"
        "        made = limited(made + light * pairs.has_reference.view(-1, 1, 1, 1))\n"
        '        return Estimate(made, {"size": self.config.smooth * size})',
    ),
    # why: the batch that all losses share is changed
    (
        "reference_changed_in_place",
        "noisy",
        "        each = error_of_each(estimate, pairs.reference)",
        "        pairs.reference[~pairs.has_reference] = 0.5\n        each = error_of_each(estimate, pairs.reference)",
    ),
    # why: two phases move the same weights
    (
        "phase_takes_everything",
        "critic",
        'Phase("critic", [self.critic], self.judge',
        'Phase("critic", [self], self.judge',
    ),
    # why: the critic never learns: what it minimises carries no gradient
    (
        "critic_without_gradient",
        "critic",
        'return {"critic": masked_mean(on_true + on_made, pairs.has_reference)}',
        'return {"critic": masked_mean(on_true + on_made, pairs.has_reference).detach()}',
    ),
    # why: `main` is the name of the main phase
    ("phase_called_main", "critic", 'Phase("critic", [self.critic]', 'Phase("main", [self.critic]'),
    # why: the critic that learns is made anew at every call and is not in the model
    (
        "critic_made_in_phases",
        "critic",
        '        return [Phase("critic", [self.critic], self.judge',
        "        fresh = Critic(self.draw[0].in_channels, self.config.width)\n"
        '        return [Phase("critic", [fresh], self.judge',
    ),
    # why: two phases of one name
    (
        "same_phase_twice",
        "critic",
        "self.config.critic_rate, (0.5, 0.99))]",
        "self.config.critic_rate, (0.5, 0.99))] * 2",
    ),
    # why: the phase of the critic moves the drawing network's gradient too, and with nobody known it gives nan
    (
        "phase_nan_without_references",
        "critic",
        'return {"critic": masked_mean(on_true + on_made, pairs.has_reference)}',
        'return {"critic": (on_true + on_made)[pairs.has_reference].mean()}',
    ),
    # why: the phase gives a bare tensor where terms by name are expected
    (
        "phase_gives_no_terms",
        "critic",
        'return {"critic": masked_mean(on_true + on_made, pairs.has_reference)}',
        "return masked_mean(on_true + on_made, pairs.has_reference)",
    ),
    # why: a private optimiser moves weights behind the trainer's back; it is not in a checkpoint, and frozen parts move
    (
        "own_optimizer",
        "critic",
        "        estimate = self(pairs.query)\n        verdict",
        "        if torch.is_grad_enabled() and self.training:\n"
        "            with torch.enable_grad():\n"
        "                for weight in self.critic.parameters():\n"
        "                    weight.requires_grad_(True)\n"
        "                loss = sum(self.judge(pairs).values())\n"
        "                grads = torch.autograd.grad(loss, list(self.critic.parameters()), allow_unused=True)\n"
        "            with torch.no_grad():\n"
        "                for weight, grad in zip(self.critic.parameters(), grads):\n"
        "                    weight -= 0.01 * grad\n"
        "        estimate = self(pairs.query)\n        verdict",
    ),
    # why: gradients of the caller's step are added to twice
    (
        "backward_inside",
        "lowrank",
        "        size = code.square().mean()\n",
        "        size = code.square().mean()\n        if size.requires_grad:\n            size.backward(retain_graph=True)\n",
    ),
    # why: numbers of double precision meet layers of single precision
    ("double_precision", "atoms", "return limited(mixed.float() + shares", "return limited(mixed.double() + shares"),
    # why: half precision even where the recipe asks for float32
    (
        "always_half",
        "warp",
        "return limited(moved + 0.5 * field[:, 2:].tanh())",
        "return limited(moved + 0.5 * field[:, 2:].tanh()).half()",
    ),
    # why: precision bf16 and fp16 fail: the places are of another type than what is put there
    (
        "breaks_under_autocast",
        "coarse",
        "return limited(query - change)",
        "whole = torch.zeros_like(query)\n        whole[torch.arange(len(query))] = change\n"
        "        return limited(query - whole)",
    ),
    # why: a picture of one colour (a black frame, a missing reference) gives nan, which spreads to all weights
    ("nan_on_a_flat_picture", "lowrank", "(deviation + 0.05)", "deviation"),
    # why: losses on the reference cannot teach the generator
    ("estimate_detached", "coarse", "return limited(query - change)", "return limited(query - change).detach()"),
    # why: a frozen generator's estimate cannot be used to train an encoder
    (
        "inference_mode",
        "warp",
        "    def forward(self, query: Tensor) -> Tensor:\n        rows",
        "    def forward(self, query: Tensor) -> Tensor:\n        if not self.training:\n            with torch.inference_mode():\n"
        "                return self.moved(query)\n        return self.moved(query)\n\n"
        "    def moved(self, query: Tensor) -> Tensor:\n        rows",
    ),
    # why: dropout and noise stay on in evaluation
    (
        "train_ignores_the_mode",
        "noisy",
        "    def forward(self, query: Tensor) -> Tensor:",
        "    def train(self, mode: bool = True):\n        return super().train(True)\n\n"
        "    def forward(self, query: Tensor) -> Tensor:",
    ),
    # why: the whole generator is in evaluation mode from the first step on: dropout never acts again
    (
        "forward_switches_to_evaluation",
        "critic",
        "        return limited(query - self.draw(2 * query - 1))",
        "        self.eval()\n        return limited(query - self.draw(2 * query - 1))",
    ),
    # why: the layer is known to Python alone: it is not trained, not stored, not moved
    ("layer_not_registered", "coarse", "self.second = nn.Conv2d", "self.__dict__['second'] = nn.Conv2d"),
    # why: the copy of a moving average or a rehearsal works with the weights of the original
    (
        "closure_over_self",
        "warp",
        "self.move = nn.Conv2d(config.width, 3, 3, padding=1)",
        "self.place = nn.Conv2d(config.width, 3, 3, padding=1)\n        self.move = lambda maps: self.place(maps)",
    ),
    # why: rehearsal and averages train the original in place of a copy
    (
        "copy_is_itself",
        "lowrank",
        "    def code(self, query: Tensor) -> Tensor:",
        "    def __deepcopy__(self, memo):\n        return self\n\n    def code(self, query: Tensor) -> Tensor:",
    ),
    # why: it cannot be copied, so that no run begins
    (
        "lock_inside",
        "atoms",
        "        self.chooser =",
        "        self.lock = __import__('threading').Lock()\n        self.chooser =",
    ),
    # why: on a GPU the places are on the CPU
    (
        "places_on_the_cpu",
        "warp",
        "down = torch.linspace(-1, 1, rows, device=query.device)",
        "down = torch.linspace(-1, 1, rows)",
    ),
    # why: image sizes that do not fit are told by a crash in the middle of a run
    ("no_check_of_the_size", "noisy", "        if info.image.size % 4:", "        if info.image.size % 1:"),
    # why: a text is no ConfigIssue
    ("check_yields_text", "noisy", 'yield ConfigIssue(("image", "size"), text, absolute=True)', "yield text"),
    # why: sizes that work well are refused
    (
        "check_refuses_everything",
        "noisy",
        "        if info.image.size % 4:",
        "        if info.image.size % 4 or info.references:",
    ),
    # why: a recipe without this option is refused; the tool cannot show a default
    ("option_without_default", "coarse", "channels: int = Field(12, ge=1", "channels: int = Field(ge=1"),
    # why: nobody is told what the option means
    (
        "option_without_description",
        "warp",
        'reach: float = Field(0.2, gt=0, le=1, description="largest displacement, as a share of half the image")',
        "reach: float = Field(0.2, gt=0, le=1)",
    ),
    # why: a misspelt option of a recipe is ignored in silence
    (
        "unknown_options_ignored",
        "lowrank",
        '    """Options of the low-rank map."""\n',
        '    """Options of the low-rank map."""\n\n    model_config = {"extra": "ignore"}\n',
    ),
    # why: each run has another default, the resolved recipe does not repeat
    (
        "random_default",
        "lowrank",
        "rank: int = Field(12, ge=1, le=256, description=",
        'rank: int = Field(default_factory=lambda: __import__("random").SystemRandom().randint(4, 200), ge=1, le=256, description=',
    ),
    # why: the recipe cannot be saved: a torch.dtype is no JSON
    (
        "option_cannot_be_saved",
        "warp",
        '    width: int = Field(16, ge=1, le=256, description="width of the hidden layers")\n',
        '    width: int = Field(16, ge=1, le=256, description="width of the hidden layers")\n'
        '    kind: object = Field(torch.float32, description="type of number of the field")\n',
    ),
    # why: a value that cannot work passes the options and ends in a crash of torch
    (
        "option_without_range",
        "noisy",
        "dropout: float = Field(0.1, ge=0, lt=1, description=",
        "dropout: float = Field(0.1, description=",
    ),
    # why: the option has no effect
    (
        "option_ignored",
        "critic",
        "colours, width = context.image.channels, config.width",
        "colours, width = context.image.channels, 10",
    ),
    # why: numbers of every part built later are of double precision
    (
        "default_dtype_changed",
        "memory",
        "        colours, size = context.image.channels, context.image.size\n",
        "        colours, size = context.image.channels, context.image.size\n        torch.set_default_dtype(torch.float64)\n",
    ),
    # why: gradients are off for all that comes after an evaluation
    (
        "gradients_left_off",
        "memory",
        "        mean = self.face.expand(len(query), -1, -1, -1)",
        "        if not self.training:\n            torch.set_grad_enabled(False)\n        mean = self.face.expand(len(query), -1, -1, -1)",
    ),
    # why: nothing can be built: no such class
    ("target_without_class", "atoms", 'target=f"{__name__}:Part"', 'target=f"{__name__}:Dictionary"'),
    # why: no Generator, the model cannot ask it for a training step
    ("no_generator", "coarse", "class Part(Generator):", "class Part(nn.Module):"),
    # why: gcnet builds Class(config, context)
    (
        "constructor_of_another_form",
        "coarse",
        "def __init__(self, config: PartConfig, context: BuildContext) -> None:\n        super().__init__(config, context)",
        "def __init__(self, config: PartConfig, context: BuildContext, size: int) -> None:\n        super().__init__(config, context)",
    ),
    # why: the options that others read from the part are those of the defaults, whatever the recipe says
    (
        "config_replaced",
        "lowrank",
        "        super().__init__(config, context)\n",
        "        super().__init__(config, context)\n        self.config = PartConfig()\n",
    ),
    # why: evaluation gathers the estimates of all batches; each call overwrites the last one
    (
        "output_buffer_reused",
        "warp",
        "return limited(moved + 0.5 * field[:, 2:].tanh())",
        "made = limited(moved + 0.5 * field[:, 2:].tanh())\n"
        "        if torch.is_grad_enabled() and self.training:\n            return made\n"
        "        kept = self.__dict__.setdefault('kept', {})\n"
        "        if kept.get('made') is None or kept['made'].shape != made.shape:\n            kept['made'] = made.detach().clone()\n"
        "        return kept['made'].copy_(made.detach())",
    ),
    # why: memory grows with every step until the machine has none
    (
        "history_grows",
        "atoms",
        '        return Estimate(estimate, {"distance"',
        "        self.__dict__.setdefault('history', []).append((estimate, distance))\n        return Estimate(estimate, {\"distance\"",
    ),
    # why: a batch of the same shape gets the estimate of an earlier one
    (
        "stale_cache",
        "coarse",
        "        small = functional.avg_pool2d(query, self.config.block)",
        "        if not self.training:\n            known = self.__dict__.setdefault('known', {})\n"
        "            query = known.setdefault(tuple(query.shape), query)\n"
        "        small = functional.avg_pool2d(query, self.config.block)",
    ),
    # why: the trainer's channels_last pictures cannot be viewed as vectors
    ("view_of_channels_last", "lowrank", "flat = query.flatten(1)", "flat = query.view(len(query), -1)"),
    # why: memory order of channels_last is taken for that of a plain picture
    (
        "strides_taken_as_they_lie",
        "lowrank",
        "flat = query.flatten(1)",
        "flat = query.as_strided((len(query), query[0].numel()), (query[0].numel(), 1), query.storage_offset())",
    ),
    # why: one picture alone loses its first axis
    (
        "squeezed",
        "warp",
        "return limited(moved + 0.5 * field[:, 2:].tanh())",
        "made = limited(moved + 0.5 * field[:, 2:].tanh())\n        return made.squeeze(0)",
    ),
    # why: an estimate depends on the place in the batch
    (
        "place_in_the_batch",
        "warp",
        "shift = self.config.reach * field[:, :2].tanh()",
        "order = torch.arange(len(query), device=query.device).view(-1, 1, 1, 1)\n"
        "        shift = self.config.reach * (field[:, :2] + 0.3 * (order % 3)).tanh()",
    ),
    # why: only the first six of a batch are estimated, the others are the query
    (
        "large_batches_cut",
        "coarse",
        "return limited(query - change)",
        "change = torch.cat([change[:6], torch.zeros_like(change[6:])])\n        return limited(query - change)",
    ),
    # why: a picture is mixed with its neighbour's mean by attention over the batch, in evaluation too
    (
        "attention_over_the_batch",
        "atoms",
        "shares = self.chooser(2 * seen - 1).float().softmax(dim=1)",
        "told = self.chooser(2 * seen - 1).float()\n        near = (seen @ seen.T).float().softmax(dim=1)\n"
        "        shares = (near @ told).softmax(dim=1)",
    ),
    # why: a model with it cannot be written as safetensors
    (
        "extra_state_of_python",
        "memory",
        "    @torch.no_grad()\n    def remember",
        "    def get_extra_state(self):\n        return {'seen': int(self.seen)}\n\n    def set_extra_state(self, state) -> None:\n"
        "        self.seen.fill_(state['seen'])\n\n    @torch.no_grad()\n    def remember",
    ),
    # why: weights made at the first forward pass are in no optimiser, and a stored model cannot be loaded
    (
        "layer_made_when_first_used",
        "coarse",
        "        hidden = functional.silu(hidden + self.second(hidden))",
        "        if not hasattr(self, 'late'):\n            self.late = nn.Conv2d(hidden.shape[1], hidden.shape[1], 1).to(hidden.device)\n"
        "        hidden = functional.silu(self.late(hidden) + self.second(hidden))",
    ),
    # why: a script that reads JSON from standard output gets these lines too
    (
        "prints",
        "coarse",
        "        hidden = functional.silu(self.first(2 * small - 1))",
        "        print('small', tuple(small.shape))\n        hidden = functional.silu(self.first(2 * small - 1))",
    ),
    # why: it litters the folder in which gcnet was started, and two runs write the same file
    (
        "writes_a_file",
        "memory",
        "        mean = self.face.expand(len(query), -1, -1, -1)",
        "        torch.save(self.face, 'mean_face.pt')\n        mean = self.face.expand(len(query), -1, -1, -1)",
    ),
    # why: a whole network is registered and stored that nothing uses: no gradient ever reaches it, DDP stops
    (
        "weights_without_use",
        "critic",
        "        self.critic = Critic(colours, width)",
        "        self.critic = Critic(colours, width)\n        self.older = nn.Linear(width, width)",
    ),
    # why: a stored model is read back without its last layer, which keeps its random weights
    (
        "loading_skips_a_layer",
        "warp",
        "    def forward(self, query: Tensor) -> Tensor:\n        rows",
        "    def _load_from_state_dict(self, state_dict, prefix, *rest):\n        for name in ('weight', 'bias'):\n"
        "            state_dict[f'{prefix}move.{name}'] = getattr(self.move, name).detach()\n"
        "        super()._load_from_state_dict(state_dict, prefix, *rest)\n\n"
        "    def forward(self, query: Tensor) -> Tensor:\n        rows",
    ),
    # why: training and evaluation show different estimates though nothing is random: it trains on half the change
    (
        "other_strength_in_evaluation",
        "critic",
        "return limited(query - self.draw(2 * query - 1))",
        "strength = 1.0 if self.training else 0.0\n        return limited(query - strength * self.draw(2 * query - 1))",
    ),
]

OPTIONS: dict = {}
NEEDED: dict[str, str] = {}
