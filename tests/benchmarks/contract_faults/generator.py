"""Faulty generators, one changed text each, and good ones that must not be accused."""

HEAD = '''
import torch
from pydantic import Field
from torch import nn
from torch.nn import functional

from gcnet_core.interfaces import Estimate, Generator, Phase, masked_mean
from gcnet_core.plugin_api import ComponentSpec, GeneratorConfig, hookimpl

SEEN = []


class Config(GeneratorConfig):
    """Options."""

    width: int = Field(8, ge=1, description="channels inside")


@hookimpl
def gcnet_components():
    return [
        ComponentSpec(
            kind="generator", name="part", config=Config, target=f"{__name__}:Part", summary="a small generator"
        )
    ]


'''

PLAIN = """
class Part(Generator):
    def __init__(self, config, context):
        super().__init__(config, context)
        channels = context.image.channels
        self.body = nn.Sequential(
            nn.Conv2d(channels, config.width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(config.width, channels, 3, padding=1),
        )

    def forward(self, query):
        return torch.sigmoid(self.body(query))
"""

RESIDUAL = '''
class Part(Generator):
    """Batch norm and dropout inside; the query minus an expression; an own term; nothing at its first weights."""

    def __init__(self, config, context):
        super().__init__(config, context)
        channels = context.image.channels
        self.weight = 0.1
        self.first = nn.Conv2d(channels, config.width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(config.width)
        self.drop = nn.Dropout(0.1)
        self.last = nn.Conv2d(config.width, channels, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def expression(self, query):
        return self.last(self.drop(torch.relu(self.norm(self.first(2 * query - 1)))))

    def forward(self, query):
        reference = query - self.expression(query)
        return reference + (reference.clamp(0, 1) - reference).detach()

    def training_step(self, pairs):
        reference = self(pairs.query)
        error = (reference - pairs.reference).abs().mean(dim=(1, 2, 3))
        return Estimate(reference, {"absolute": self.weight * masked_mean(error, pairs.has_reference)})
'''

VARIATIONAL = '''
class Part(Generator):
    """A bottleneck that is drawn in training and its mean in evaluation."""

    def __init__(self, config, context):
        super().__init__(config, context)
        image = context.image
        self.down = nn.Linear(image.channels * image.size**2, 2 * config.width)
        self.up = nn.Linear(config.width, image.channels * image.size**2)
        self.register_buffer("scale", torch.tensor(1.0))

    def latent(self, query):
        mean, spread = self.down(2 * query.flatten(1) - 1).chunk(2, dim=1)
        return mean, spread.clamp(-8, 8)

    def decoded(self, latent, query):
        return torch.sigmoid(self.up(self.scale * latent)).view_as(query)

    def forward(self, query):
        mean, spread = self.latent(query)
        if self.training:
            mean = mean + (spread / 2).exp() * torch.randn_like(mean)
        return self.decoded(mean, query)

    def training_step(self, pairs):
        mean, spread = self.latent(pairs.query)
        reference = self.decoded(mean + (spread / 2).exp() * torch.randn_like(mean), pairs.query)
        divergence = 0.5 * (mean.square() + spread.exp() - 1 - spread).float().sum(dim=1).mean()
        return Estimate(reference, {"kl": 1e-3 * divergence})
'''

ADVERSARIAL = '''
class Part(Generator):
    """A critic with spectral norm in a phase of its own, on every second step."""

    def __init__(self, config, context):
        super().__init__(config, context)
        channels = context.image.channels
        self.body = nn.Sequential(
            nn.Conv2d(channels, config.width, 3, padding=1), nn.ReLU(), nn.Conv2d(config.width, channels, 3, padding=1)
        )
        limited = nn.utils.parametrizations.spectral_norm
        self.critic = nn.Sequential(
            limited(nn.Conv2d(channels, config.width, 3)), nn.LeakyReLU(0.2), nn.Conv2d(config.width, 1, 3)
        )

    def forward(self, query):
        return torch.sigmoid(self.body(query))

    def training_step(self, pairs):
        reference = self(pairs.query)
        score = self.critic(reference).mean(dim=(1, 2, 3))
        return Estimate(reference, {"fool": 0.01 * functional.softplus(-score).mean()})

    def phases(self):
        return [Phase("critic", [self.critic], self.criticise, interval=2, learning_rate=1e-3, betas=(0.5, 0.9))]

    def criticise(self, pairs):
        made = self.critic(self(pairs.query).detach()).mean(dim=(1, 2, 3))
        true = functional.softplus(-self.critic(pairs.reference).mean(dim=(1, 2, 3)))
        return {"made": functional.softplus(made).mean(), "true": masked_mean(true, pairs.has_reference)}
'''

AVERAGED = '''
import copy


class Part(Generator):
    """Estimates by a moving average of its own weights."""

    def __init__(self, config, context):
        super().__init__(config, context)
        channels = context.image.channels
        self.body = nn.Sequential(
            nn.Conv2d(channels, config.width, 3, padding=1), nn.ReLU(), nn.Conv2d(config.width, channels, 3, padding=1)
        )
        self.slow = copy.deepcopy(self.body).requires_grad_(False)

    def forward(self, query):
        return torch.sigmoid((self.body if self.training else self.slow)(query))

    def training_step(self, pairs):
        with torch.no_grad():
            for slow, fast in zip(self.slow.parameters(), self.body.parameters()):
                slow.lerp_(fast, 0.3)
        return Estimate(self(pairs.query))
'''

FROZEN = '''
class Part(Generator):
    """Features of a frozen network, which somebody trained before, and one layer that learns."""

    def __init__(self, config, context):
        super().__init__(config, context)
        channels = context.image.channels
        self.features = nn.Conv2d(channels, config.width, 3, padding=1).requires_grad_(False)
        self.register_buffer("mean", torch.full((1, channels, 1, 1), 0.5))
        self.last = nn.Conv2d(config.width, channels, 3, padding=1)

    def forward(self, query):
        with torch.no_grad():
            features = torch.relu(self.features(query - self.mean))
        return torch.sigmoid(self.last(features))
'''

IDENTITY = '''
class Part(Generator):
    """The copy of the query, which every generator is compared with."""

    def forward(self, query):
        return query
'''

STOCHASTIC = '''
class Part(Generator):
    """Draws noise in evaluation too, and says so."""

    def __init__(self, config, context):
        super().__init__(config, context)
        channels = context.image.channels
        self.body = nn.Sequential(
            nn.Conv2d(channels, config.width, 3, padding=1), nn.ReLU(), nn.Conv2d(config.width, channels, 3, padding=1)
        )

    def forward(self, query):
        return torch.sigmoid(self.body(query + 0.05 * torch.randn_like(query)))
'''

DENOISING = '''
class Part(Generator):
    """One step from fixed noise, trained on noise of its own; the estimate has no gradient."""

    def __init__(self, config, context):
        super().__init__(config, context)
        image = context.image
        self.network = nn.Sequential(
            nn.Conv2d(2 * image.channels, 2 * config.width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(2 * config.width, image.channels, 3, padding=1),
        )
        fixed = torch.randn(1, image.channels, image.size, image.size, generator=torch.Generator().manual_seed(0))
        self.register_buffer("noise", fixed)

    @torch.no_grad()
    def forward(self, query):
        noise = torch.randn_like(query) if self.training else self.noise.expand_as(query)
        return (query + 0.5 * self.network(torch.cat([noise, query], dim=1))).clamp(0, 1)

    def training_step(self, pairs):
        return Estimate(self(pairs.query), self.extra_losses(pairs))

    def extra_losses(self, pairs):
        noise = torch.randn_like(pairs.query)
        made = pairs.query + 0.5 * self.network(torch.cat([noise, pairs.query], dim=1))
        error = (made - pairs.reference).square().mean(dim=(1, 2, 3))
        return {"noise": 10 * masked_mean(error, pairs.has_reference)}
'''

SIZED = '''
class Part(Generator):
    """Halves the picture, so that only even sizes are accepted; a grid of places is made once for each size."""

    def __init__(self, config, context):
        super().__init__(config, context)
        channels = context.image.channels
        self.grids = {}
        self.down = nn.Conv2d(4 * channels + 1, config.width, 3, padding=1)
        self.norm = nn.GroupNorm(1, config.width)
        self.up = nn.Conv2d(config.width, 4 * channels, 1)

    def grid(self, size, device):
        if (size, device) not in self.grids:
            with torch.inference_mode(False):
                self.grids[size, device] = torch.linspace(-1, 1, size, device=device).expand(1, 1, size, size)
        return self.grids[size, device]

    def forward(self, query):
        small = functional.pixel_unshuffle(query, 2)
        place = self.grid(small.shape[-1], query.device).expand(len(query), -1, -1, -1)
        features = torch.relu(self.norm(self.down(torch.cat([small, place], dim=1))))
        return torch.sigmoid(functional.pixel_shuffle(self.up(features), 2) + 4 * query - 2)
'''

EVEN = HEAD.replace(
    "\n\n@hookimpl",
    """
    def check(self, info):
        if info.image.size % 2:
            yield ConfigIssue(("image", "size"), "the size must be even", absolute=True)


@hookimpl""",
    1,
).replace("import ComponentSpec", "import ComponentSpec, ConfigIssue")

GOOD: dict[str, str] = {
    "plain": HEAD + PLAIN,
    "residual": HEAD + RESIDUAL,
    "variational": HEAD + VARIATIONAL,
    "adversarial": HEAD + ADVERSARIAL,
    "averaged": HEAD + AVERAGED,
    "frozen": HEAD + FROZEN,
    "identity": HEAD + IDENTITY,
    "stochastic": HEAD.replace('"""Options."""', '"""Options."""\n\n    tags = frozenset({"stochastic"})') + STOCHASTIC,
    "denoising": HEAD + DENOISING,
    "sized": EVEN + SIZED,
}

OUT = "        return torch.sigmoid(self.body(query))"
RETURN = "torch.sigmoid(self.body(query))"
STEP = "        reference = self(pairs.query)\n"
FIRST = "        channels = context.image.channels\n"

FAULTS: list[tuple[str, str, str, str]] = [
    # form of the estimate
    ("outside of the range", "plain", RETURN, "2 * torch.sigmoid(self.body(query))"),
    ("in [-1, 1]", "plain", RETURN, "torch.tanh(self.body(query))"),
    ("in [0, 255]", "plain", RETURN, "255 * torch.sigmoid(self.body(query))"),
    ("a tuple", "plain", RETURN, "(torch.sigmoid(self.body(query)), query)"),
    ("a list of pictures", "plain", RETURN, "list(torch.sigmoid(self.body(query)))"),
    ("None in evaluation", "plain", RETURN, "torch.sigmoid(self.body(query)) if self.training else None"),
    ("float64", "plain", RETURN, "torch.sigmoid(self.body(query)).double()"),
    ("half", "plain", RETURN, "torch.sigmoid(self.body(query)).half()"),
    ("one channel alone", "plain", RETURN, "torch.sigmoid(self.body(query)).mean(dim=1, keepdim=True)"),
    ("width and height changed about", "plain", RETURN, "torch.sigmoid(self.body(query))[..., :-1]"),
    ("grey inside", "plain", FIRST, "        channels = 1\n"),
    ("NaN at black", "plain", RETURN, "torch.sigmoid(self.body(query / query.amax(dim=(1, 2, 3), keepdim=True)))"),
    ("log of pixels", "plain", RETURN, "torch.sigmoid(self.body(query.log()))"),
    ("gradient of a root at zero", "residual", "(reference - pairs.reference).abs().mean(dim=(1, 2, 3))",
     "(reference - pairs.reference).square().mean(dim=(1, 2, 3)).sqrt()"),
    ("a size hard coded", "plain", RETURN, "torch.sigmoid(functional.interpolate(self.body(query), size=(32, 32)))"),
    ("odd sizes lost", "plain", RETURN,
     "functional.interpolate(torch.sigmoid(self.body(functional.avg_pool2d(query, 2))), scale_factor=2)"),
    # what it depends on
    ("brightness of the batch", "plain", RETURN, "torch.sigmoid(self.body(query - query.mean()))"),
    ("the first sample", "plain", RETURN, "torch.sigmoid(self.body(query + 0.1 * query[:1]))"),
    ("the neighbour before", "plain", RETURN, "torch.sigmoid(self.body(query + 0.1 * query.roll(1, 0)))"),
    ("the place in the batch", "plain", RETURN,
     "torch.sigmoid(self.body(query + 0.1 * torch.arange(len(query), device=query.device).view(-1, 1, 1, 1)))"),
    ("the number of samples", "plain", RETURN, "torch.sigmoid(self.body(query) / len(query))"),
    ("one more sample than two", "plain", RETURN, "torch.sigmoid(self.body(query)) if len(query) < 3 else query"),
    ("sorted by brightness", "plain", RETURN,
     "torch.sigmoid(self.body(query))[query.mean(dim=(1, 2, 3)).argsort()]"),
    ("batch norm of the batch in evaluation", "residual", "nn.BatchNorm2d(config.width)",
     "nn.BatchNorm2d(config.width, track_running_stats=False)"),
    ("dropout in evaluation", "residual", "self.drop(torch.relu(", "functional.dropout(torch.relu("),
    ("noise in evaluation", "variational", "        if self.training:\n            mean", "        if True:\n            mean"),
    ("noise of Python", "plain", RETURN, "torch.sigmoid(self.body(query) + __import__('random').random())"),
    ("noise of numpy", "plain", RETURN, "torch.sigmoid(self.body(query) + __import__('numpy').random.rand())"),
    ("the clock", "plain", RETURN, "torch.sigmoid(self.body(query) + __import__('time').time() % 1)"),
    ("the hour", "plain", RETURN, "torch.sigmoid(self.body(query) + __import__('time').time() // 3600 % 24 / 24)"),
    ("the last batch", "plain", OUT,
     "        last, self.last = getattr(self, 'last', 0), float(query.mean())\n"
     "        return torch.sigmoid(self.body(query) + last)"),
    ("a running mean in evaluation", "plain", OUT,
     "        self.mean = 0.9 * getattr(self, 'mean', 0) + 0.1 * float(query.mean())\n"
     "        return torch.sigmoid(self.body(query) + self.mean)"),
    ("a global list", "plain", OUT,
     "        SEEN.append(float(query.mean()))\n        return torch.sigmoid(self.body(query) + SEEN[0] - SEEN[-1])"),
    ("a counter of calls", "plain", OUT,
     "        self.calls = getattr(self, 'calls', 0) + 1\n"
     "        return torch.sigmoid(self.body(query) + (self.calls > 20))"),
    ("statistics move in evaluation", "frozen", "        with torch.no_grad():\n",
     "        with torch.no_grad():\n            self.mean.lerp_(query.mean(dim=(0, 2, 3), keepdim=True), 0.1)\n"),
    ("the reference handed back", "residual", STEP,
     STEP + "        self.shown = pairs.reference\n        self.of = pairs.query\n"),
    ("a constant", "plain", RETURN, "torch.sigmoid(self.body(torch.full_like(query, 0.5)))"),
    # what it changes
    ("the query", "plain", OUT, "        query.clamp_(0.1, 0.9)\n" + OUT),
    ("the reference", "residual", STEP, STEP + "        pairs.reference.mul_(0.5)\n"),
    ("the mask", "residual", STEP, STEP + "        pairs.has_reference.fill_(True)\n"),
    ("its mode", "residual", STEP, "        self.train()\n        reference = self.eval()(pairs.query)\n"),
    ("train mode when asked", "plain", OUT, "        self.train()\n" + OUT),
    ("its weights in a step", "residual", STEP, STEP + "        self.last.weight.data.mul_(0.99)\n"),
    ("an optimizer of its own", "residual", "        return Estimate(reference, {",
     "        error.mean().backward(retain_graph=True)\n        return Estimate(reference, {"),
    ("a hook for each call", "plain", OUT, "        self.body.register_forward_hook(lambda *_: None)\n" + OUT),
    ("frees what is frozen", "frozen", "        with torch.no_grad():\n",
     "        self.features.requires_grad_(True)\n        with torch.no_grad():\n"),
    ("gradients off for all", "plain", OUT, "        torch.set_grad_enabled(True)\n" + OUT),
    ("default dtype", "plain", FIRST, FIRST + "        torch.set_default_dtype(torch.float64)\n"),
    ("threads", "plain", OUT, "        torch.set_num_threads(2)\n" + OUT),
    ("cudnn's benchmark", "plain", OUT, "        torch.backends.cudnn.benchmark ^= True\n" + OUT),
    ("deterministic algorithms", "plain", FIRST, FIRST + "        torch.use_deterministic_algorithms(True)\n"),
    ("the seed in its constructor", "plain", FIRST, FIRST + "        torch.manual_seed(0)\n"),
    ("the seed in a step", "residual", STEP, "        torch.manual_seed(1)\n" + STEP),
    ("numpy's seed in a step", "residual", STEP, "        __import__('numpy').random.seed(1)\n" + STEP),
    ("the seed when imported", "plain", "SEEN = []", "SEEN = []\ntorch.manual_seed(7)"),
    ("prints", "residual", STEP, STEP + "        print(float(reference.mean()))\n"),
    ("a log file", "residual", STEP,
     STEP + "        open('log.txt', 'a').write('step')\n"),
    ("sleeps", "residual", STEP, STEP + "        __import__('time').sleep(0.001)\n"),
    ("its options", "plain", OUT, "        object.__setattr__(self.config, 'width', 9)\n" + OUT),
    ("keeps the batch", "residual", STEP, STEP + "        self.seen = pairs\n"),
    ("a history of losses", "residual", STEP, STEP + "        SEEN.append(float(reference.mean()))\n"),
    ("a history of pictures", "plain", OUT, "        SEEN.append(query.mean(dim=1))\n" + OUT),
    ("a buffer that grows", "frozen", "        with torch.no_grad():\n            f",
     "        self.all = torch.cat([getattr(self, 'all', query[:0]), query.detach()])\n        with torch.no_grad():\n            f"),
    # weights
    ("a list of layers", "frozen", "self.last = nn.Conv2d(config.width, channels, 3, padding=1)",
     "self.lasts = [nn.Conv2d(config.width, channels, 3, padding=1)]\n"
     "        self.last = lambda features: self.lasts[0](features)"),
    ("an unused layer", "plain", FIRST, FIRST + "        self.unused = nn.Linear(3, 3)\n"),
    ("cut off", "plain", RETURN, "torch.sigmoid(self.body[2](self.body[:2](query).detach()))"),
    ("no gradient at all", "plain", "    def forward", "    @torch.no_grad()\n    def forward"),
    ("numpy's first weights", "plain", FIRST,
     FIRST + "        self.shift = nn.Parameter(torch.tensor(__import__('numpy').random.rand(1), dtype=torch.float32))\n"),
    ("made at the first call", "plain", OUT,
     "        if not hasattr(self, 'late'):\n            self.late = nn.Conv2d(query.shape[1], query.shape[1], 1)\n"
     "        return torch.sigmoid(self.body(query) + self.late(query))"),
    ("a state of its own", "plain", OUT,
     OUT + "\n\n    def state_dict(self, *args, **kwargs):\n        return {}\n"),
    ("loads nothing", "plain", OUT,
     OUT + "\n\n    def load_state_dict(self, *args, **kwargs):\n        return None\n"),
    ("no copy", "plain", OUT, OUT + "\n\n    def __deepcopy__(self, memo):\n        return self\n"),
    ("a constant of the CPU", "plain", RETURN, "torch.sigmoid(self.body(query) + torch.ones(query.shape[1:]) / 9)"),
    ("a tensor that is no buffer", "frozen", 'self.register_buffer("mean", torch.full((1, channels, 1, 1), 0.5))',
     "self.mean = torch.full((1, channels, 1, 1), 0.5)"),
    ("always on the CPU", "plain", RETURN, "torch.sigmoid(self.body(query)).cpu()"),
    ("over numpy", "plain", RETURN,
     "torch.sigmoid(self.body(query + torch.from_numpy(query.detach().numpy().mean(axis=1, keepdims=True))))"),
    ("a view of a contiguous picture", "plain", RETURN, "torch.sigmoid(self.body(query.view(-1).view(query.shape)))"),
    ("bits of float32", "plain", RETURN, "torch.sigmoid(self.body(query) + 0 * self.body(query).detach().view(torch.int32))"),
    ("overflow in half precision", "plain", RETURN, "torch.sigmoid(self.body(query * 1e5) / 1e5)"),
    # terms and phases
    ("a vector as a term", "residual", "masked_mean(error, pairs.has_reference)", "error"),
    ("a number as a term", "residual", "masked_mean(error, pairs.has_reference)", "float(error.mean())"),
    ("a term without gradient", "residual", "masked_mean(error, pairs.has_reference)", "error.mean().detach()"),
    ("a term that is a sum", "variational", ".sum(dim=1).mean()", ".sum()"),
    ("a term without a name", "residual", '"absolute"', '""'),
    ("a term called total", "residual", '"absolute"', '"total"'),
    ("a new term each time", "residual", '{"absolute":', '{f"absolute{torch.randint(9**9, ()).item()}":'),
    ("no mask", "residual", "masked_mean(error, pairs.has_reference)", "error.mean()"),
    ("a mask upside down", "residual", "pairs.has_reference)", "~pairs.has_reference)"),
    ("nobody has a reference", "residual", "masked_mean(error, pairs.has_reference)",
     "error[pairs.has_reference].mean()"),
    ("no estimate", "residual", "return Estimate(reference, {", "return (reference, {"),
    ("another estimate in training", "residual", "return Estimate(reference, {", "return Estimate(reference * 2, {"),
    ("other own losses", "denoising", "Estimate(self(pairs.query), self.extra_losses(pairs))",
     'Estimate(self(pairs.query), {"error": self.extra_losses(pairs)["noise"]})'),
    ("own losses of another weight", "denoising", "Estimate(self(pairs.query), self.extra_losses(pairs))",
     'Estimate(self(pairs.query), {"noise": 100 * self.extra_losses(pairs)["noise"]})'),
    ("two phases of one name", "adversarial", "        return [Phase(", "        return 2 * [Phase("),
    ("a phase called main", "adversarial", 'Phase("critic"', 'Phase("main"'),
    ("an interval of zero", "adversarial", "interval=2", "interval=0"),
    ("betas above one", "adversarial", "betas=(0.5, 0.9)", "betas=(0.5, 1.9)"),
    ("modules that are new", "adversarial", "[self.critic], self", "[nn.Linear(1, 1)], self"),
    ("a phase for the wrong module", "adversarial", "[self.critic], self", "[self.body], self"),
    ("no detach, and steps", "adversarial", "        made = self", "        self.body[0].bias.data.add_(0.1)\n        made = self"),
    ("a phase without mask", "adversarial", "masked_mean(true, pairs.has_reference)", "true.mean()"),
    ("a phase that sums", "adversarial", "functional.softplus(made).mean()", "functional.softplus(made).sum()"),
    ("a counter in a step", "residual", STEP, STEP + "        self.weight *= 1.1\n"),
    ("noise of Python in a step", "residual", STEP, STEP + "        reference = reference * __import__('random').random()\n"),
    ("a generator of its own in a step", "variational", "+ (spread / 2).exp() * torch.randn_like(mean), pairs",
     "+ (spread / 2).exp() * torch.randn(mean.shape, generator=self.__dict__.setdefault('drawn', torch.Generator())), pairs"),
    ("hardly learns", "plain", RETURN, "0.999 * query + 0.001 * torch.sigmoid(self.body(query))"),
    ("learns something else", "residual", "(reference - pairs.reference).abs()", "30 * (reference - 0.5).abs()"),
    ("trained apart from what it estimates", "averaged", "slow.lerp_(fast, 0.3)", "slow.lerp_(fast, 0.0)"),
    ("another way when compiled", "plain", RETURN,
     "torch.sigmoid(self.body(query)) / (1 + torch.compiler.is_compiling())"),
    ("undescribed", "plain", ', description="channels inside"', ""),
    ("unknown keys", "plain", '"""Options."""', '"""Options."""\n\n    model_config = {"extra": "ignore"}'),
    ("check raises", "sized", "if info.image.size % 2:", "if info.image.size / (info.image.size - 8) > 2:"),
    ("odd sizes accepted", "sized", "if info.image.size % 2:", "if info.image.size < 4:"),
    ("a number drawn when imported", "plain", "    def forward(self, query):\n" + OUT,
     "    def forward(self, query, shift=torch.rand(1).item()):\n"
     "        return torch.sigmoid(self.body(query) + shift)"),
    ("an average kept apart", "averaged", "self.slow = copy.deepcopy(self.body).requires_grad_(False)",
     'self.__dict__["slow"] = copy.deepcopy(self.body).requires_grad_(False)'),
    ("another answer without gradients", "plain", RETURN,
     "torch.sigmoid(self.body(query)) if torch.is_grad_enabled() else query"),
    ("asks for the gradient of its batch", "residual", STEP, "        pairs.reference.requires_grad_()\n" + STEP),
    ("warnings off for all", "plain", OUT, "        __import__('warnings').simplefilter('ignore')\n" + OUT),
    ("a thread for each step", "residual", STEP,
     STEP + "        __import__('threading').Timer(60, print).start()\n"),
    ("a rate that explodes", "adversarial", "learning_rate=1e-3", "learning_rate=1e30"),
    ("mirrored", "plain", RETURN, "torch.sigmoid(self.body(query)).flip(-1)"),
]  # fmt: skip
