"""Good encoders, and faults in them."""

from sources import plugin

GOOD = {
    "convolutions": plugin("encoder", """
    def __init__(self, config, context):
        super().__init__(config, context)
        self.body = nn.Sequential(
            nn.Conv2d(context.image.channels, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(),
            nn.Conv2d(8, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
            nn.Dropout(config.dropout),
        )
        self.head = nn.Linear(64, config.width)
        self.width = config.width

    def forward(self, images):
        hidden = self.body(2 * images - 1)
        return self.head(hidden)
""", """
    width: int = Field(24, ge=1, description="length of the embedding")
    dropout: float = Field(0.2, ge=0, lt=1, description="share of features dropped")
"""),
    "average": plugin("encoder", """
    def __init__(self, config, context):
        super().__init__(config, context)
        self.width = context.image.channels * 16

    def forward(self, images):
        return functional.adaptive_avg_pool2d(images, 4).flatten(1)
"""),
    "mean color": plugin("encoder", """
    def __init__(self, config, context):
        super().__init__(config, context)
        self.width = context.image.channels

    def forward(self, images):
        return images.mean(dim=(2, 3))
"""),
    "frozen backbone": plugin("encoder", """
    mean = 0.45
    shared = nn.Linear(12, 20)

    def __init__(self, config, context):
        super().__init__(config, context)
        self.backbone = nn.Sequential(
            nn.Conv2d(context.image.channels, 12, 5, 2, 2), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2)
        ).requires_grad_(False)
        self.head = nn.Linear(12, 20)
        self.width = 20

    def train(self, mode=True):
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, images):
        hidden = self.backbone((images - self.mean) / 0.22)
        return self.head(hidden.mean(dim=(2, 3)))
"""),
    "all frozen": plugin("encoder", """
    def __init__(self, config, context):
        super().__init__(config, context)
        self.layer = nn.Conv2d(context.image.channels, 12, 8, 4).requires_grad_(False)
        self.width = 24

    def forward(self, images):
        hidden = self.layer(images - 0.5).tanh()
        return torch.cat([hidden.amax(dim=(2, 3)), hidden.mean(dim=(2, 3))], dim=1)
"""),
    "transformer": plugin("encoder", """
    def __init__(self, config, context):
        super().__init__(config, context)
        side = context.image.size // 8
        self.patches = nn.Conv2d(context.image.channels, 16, 8, 8)
        self.position = nn.Parameter(0.02 * torch.randn(1, side**2, 16))
        self.block = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.1, batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(16)
        self.width = 16

    def forward(self, images):
        tokens = self.patches(2 * images - 1).flatten(2).transpose(1, 2) + self.position
        return self.norm(self.block(tokens)).mean(dim=1)
"""),
    "whole picture": plugin("encoder", """
    def __init__(self, config, context):
        super().__init__(config, context)
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(context.image.channels * context.image.size**2, 32), nn.LayerNorm(32), nn.GELU(),
            nn.Linear(32, 16),
        )
        self.width = 16

    def forward(self, images):
        centered = images - images.mean(dim=(1, 2, 3), keepdim=True)
        scaled = centered / (centered.square().mean(dim=(1, 2, 3), keepdim=True) + 1e-3).sqrt()
        return self.layers(scaled)
"""),
    "stochastic depth": plugin("encoder", """
    def __init__(self, config, context):
        super().__init__(config, context)
        self.stem = nn.Conv2d(context.image.channels, 16, 4, 4)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.GroupNorm(4, 16), nn.Conv2d(16, 16, 3, padding=1), nn.SiLU()) for _ in range(2)
        )
        self.width = 16

    def forward(self, images):
        hidden = self.stem(images * 2 - 1)
        for block in self.blocks:
            change = block(hidden)
            if self.training:
                change = change * (torch.rand(len(images), 1, 1, 1) < 0.9) / 0.9
            hidden = hidden + change
        return hidden.mean(dim=(2, 3)) + hidden.amax(dim=(2, 3))
"""),
}  # fmt: skip

INPUT = "self.body(2 * images - 1)"

FAULTS = [
    ("width too large", "convolutions", "self.width = config.width", "self.width = config.width + 1"),
    ("no width", "convolutions", "        self.width = config.width\n", ""),
    ("width as a tensor", "convolutions", "self.width = config.width", "self.width = torch.tensor(config.width)"),
    ("width of gray images alone", "average", "context.image.channels * 16", "16"),
    ("map instead of a code", "average", ".flatten(1)", ""),
    ("tokens instead of a code", "transformer", ".mean(dim=1)", ""),
    ("squeezed", "frozen backbone", "self.head(hidden.mean(dim=(2, 3)))", "self.head(hidden.mean(dim=(2, 3))).squeeze()"),
    ("a tuple", "convolutions", "return self.head(hidden)", "return self.head(hidden), hidden"),
    ("gray alone", "convolutions", "context.image.channels", "1"),
    ("color alone", "convolutions", "context.image.channels", "3"),
    ("color turned gray by its first channel", "convolutions", INPUT, "self.body(2 * images[:, :1].expand_as(images) - 1)"),
    ("size of 32 always", "whole picture", "context.image.size**2", "1024"),
    ("sixteen patches always", "transformer", "context.image.size // 8", "4"),
    ("even sizes alone", "convolutions", "hidden = self.body", "assert images.shape[-1] % 2 == 0\n        hidden = self.body"),
    ("size is halved by a view", "convolutions", INPUT,
     "self.body(2 * images.reshape(*images.shape[:2], images.shape[2] // 2, -1) - 1)"),
    ("images of [0, 255]", "convolutions", INPUT, "self.body(images / 255)"),
    ("images of [0, 255], normalized", "frozen backbone", "(images - self.mean) / 0.22", "(images / 255 - self.mean) / 0.22"),
    ("clipped at 0.1", "average", "(images, 4)", "(images.clamp(max=0.1), 4)"),
    ("clipped at 0", "convolutions", INPUT, "self.body((images - 1).clamp(min=0))"),
    ("bytes", "average", "(images, 4)", "((255 * images).byte().float(), 4)"),
    ("thresholded", "convolutions", INPUT, "self.body((images > 0.5).float())"),
    ("standardized over the batch", "convolutions", INPUT, "self.body((images - images.mean()) / (images.std() + 1e-3))"),
    ("standardized by zero", "whole picture", "(centered.square().mean(dim=(1, 2, 3), keepdim=True) + 1e-3).sqrt()",
     "images.std(dim=(1, 2, 3), keepdim=True)"),
    ("stretched by zero", "average", "(images, 4)",
     "((images - images.amin((1, 2, 3), True)) / (images.amax((1, 2, 3), True) - images.amin((1, 2, 3), True)), 4)"),
    ("logarithm of black", "average", "(images, 4)", "(images.log(), 4)"),
    ("root at black", "average", "(images, 4)", "(images.sqrt(), 4)"),
    ("normalized codes", "convolutions", "return self.head(hidden)", "return functional.normalize(self.head(hidden))"),
    ("normalized over the batch", "convolutions", "return self.head(hidden)",
     "return functional.normalize(self.head(hidden), dim=0)"),
    ("whitened by the batch", "convolutions", "return self.head(hidden)",
     "code = self.head(hidden)\n        return code - code.mean(dim=0)"),
    ("norm without statistics", "convolutions", "nn.BatchNorm2d(16)", "nn.BatchNorm2d(16, track_running_stats=False)"),
    ("frozen statistics that move", "frozen backbone", "self.backbone.eval()", "self.backbone.train()"),
    ("attention over the batch", "transformer", "batch_first=True", "batch_first=False"),
    ("position in the batch", "transformer", "+ self.position", "+ self.position * torch.arange(len(images)).view(-1, 1, 1)"),
    ("previous sample", "convolutions", "return self.head(hidden)", "return self.head(hidden + 0.05 * hidden.roll(1, 0))"),
    ("dropout at test", "convolutions", "return self.head(hidden)", "return self.head(functional.dropout(hidden, 0.1))"),
    ("stochastic depth at test", "stochastic depth", "if self.training:", "if True:"),
    ("augmentation at test", "average", "(images, 4)", "(images.roll(int(torch.randint(0, 4, ())), 3), 4)"),
    ("noise of numpy in training", "stochastic depth", "torch.rand(len(images), 1, 1, 1)",
     "torch.from_numpy(__import__('numpy').random.default_rng().random((len(images), 1, 1, 1)).astype('float32'))"),
    ("mode does not reach a part", "convolutions", "self.head = ",
     "self.train = lambda mode=True: self\n        self.head = "),
    ("stays in eval mode", "convolutions", "hidden = self.body", "self.body.eval()\n        hidden = self.body"),
    ("blocks in a list", "stochastic depth", "nn.ModuleList(\n            nn.Sequential(nn.GroupNorm(4, 16), nn.Conv2d(16, 16, 3, padding=1), nn.SiLU()) for _ in range(2)\n        )",
     "[nn.Sequential(nn.GroupNorm(4, 16), nn.Conv2d(16, 16, 3, padding=1), nn.SiLU()) for _ in range(2)]"),
    ("position that is no parameter", "transformer", "nn.Parameter(0.02 * torch.randn(1, side**2, 16))", "0.02 * torch.randn(1, side**2, 16)"),
    ("position that is not stored", "transformer", "self.position = nn.Parameter(0.02 * torch.randn(1, side**2, 16))",
     'self.register_buffer("position", 0.02 * torch.randn(1, side**2, 16), persistent=False)'),
    ("layer made late", "frozen backbone", "return self.head(", "if not hasattr(self, 'late'):\n            self.late = nn.Linear(12, 12)\n        return self.head(self.late"),
    ("unused layer", "convolutions", "self.head = ", "self.old_head = nn.Linear(64, 10)\n        self.head = "),
    ("stem is cut off", "stochastic depth", "hidden = self.stem(images * 2 - 1)", "hidden = self.stem(images * 2 - 1).detach()"),
    ("no_grad", "all frozen", "    def forward", "    @torch.no_grad()\n    def forward"),
    ("images detached", "frozen backbone", "self.backbone((images - self.mean) / 0.22)", "self.backbone((images.detach() - self.mean) / 0.22)"),
    ("gradient turned", "convolutions", "return self.head(hidden)", "code = self.head(hidden)\n        return 2 * code.detach() - code"),
    ("constant code", "convolutions", "return self.head(hidden)", "return self.head(0 * hidden)"),
    ("corner alone", "convolutions", INPUT, "self.body(2 * images[:, :, :12, :12] - 1)"),
    ("right half alone", "convolutions", INPUT, "self.body(2 * images[..., images.shape[-1] // 2 :] - 1)"),
    ("some rows alone", "average", "(images, 4)", "(images[:, :, :9], 4)"),
    ("images in place", "convolutions", "hidden = self.body", "images -= 0.5\n        hidden = self.body"),
    ("view of strided memory", "whole picture", "self.layers(scaled)", "self.layers(scaled.view(len(images), -1))"),
    ("strides", "average", "(images, 4).flatten(1)",
     "(images.as_strided(images.shape, torch.empty(images.shape).stride()), 4).flatten(1)"),
    ("numpy", "average", "functional.adaptive_avg_pool2d(images, 4)",
     "functional.adaptive_avg_pool2d(torch.from_numpy(images.detach().cpu().numpy()), 4)"),
    ("double", "average", ".flatten(1)", ".flatten(1).double()"),
    ("half", "convolutions", "return self.head(hidden)", "return self.head(hidden).half()"),
    ("half if autocast", "average", ".flatten(1)", ".flatten(1) * (1000 if torch.is_autocast_enabled('cpu') else 1)"),
    ("otherwise when compiled", "average", ".flatten(1)", ".flatten(1) * (2 if torch.compiler.is_compiling() else 1)"),
    ("cache by shape", "average", "return functional.adaptive_avg_pool2d(images, 4).flatten(1)",
     "self.cache = getattr(self, 'cache', {})\n        if self.training or images.shape not in self.cache:\n"
     "            self.cache[images.shape] = functional.adaptive_avg_pool2d(images, 4).flatten(1)\n        return self.cache[images.shape]"),
    ("keeps images", "average", "return functional", "self.seen = getattr(self, 'seen', []) + [images]\n        return functional"),
    ("warm-up that is not stored", "convolutions", "return self.head(hidden)",
     "self.steps = getattr(self, 'steps', 0) + int(self.training)\n        return self.head(hidden) * min(1, self.steps / 10 + 0.1)"),
    ("running mean at test", "convolutions", "hidden = self.body",
     "if not hasattr(self, 'mean'):\n            self.register_buffer('mean', torch.zeros(()))\n"
     "        self.mean = 0.9 * self.mean + 0.1 * images.detach().mean()\n        images = images - self.mean\n        hidden = self.body"),
    ("first weights need the context", "whole picture", "        self.width = 16",
     "        self.width = 16\n        if context.initial_weights:\n            self.extra = nn.Parameter(torch.ones(16))"),
    ("shared by all parts", "frozen backbone", "self.head = nn.Linear(12, 20)", "self.head = self.shared"),
    ("a buffer needs the context", "whole picture", "        self.width = 16",
     "        self.width = 16\n        if context.initial_weights:\n            self.register_buffer('extra', torch.ones(16))"),
    ("default dtype", "average", "self.width = ", "torch.set_default_dtype(torch.float64)\n        self.width = "),
    ("seed in the constructor", "convolutions", "super().__init__(config, context)", "super().__init__(config, context)\n        torch.manual_seed(0)"),
    ("deterministic algorithms", "average", "self.width = ", "torch.use_deterministic_algorithms(True)\n        self.width = "),
    ("environment", "average", "self.width = ", "__import__('os').environ['CUDA_VISIBLE_DEVICES'] = ''\n        self.width = "),
    ("dead units", "convolutions", "return self.head(hidden)", "return self.head(hidden) - 1e3 - self.head(hidden).relu()"),
]  # fmt: skip
