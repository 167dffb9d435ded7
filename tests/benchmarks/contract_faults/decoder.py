"""Good decoders, and faults in them."""

from sources import plugin

GOOD = {
    "linear": plugin("decoder", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.shape = (context.image.channels, context.image.size, context.image.size)
        self.layer = nn.Linear(in_features, context.image.channels * context.image.size**2)

    def forward(self, code):
        return self.layer(code).sigmoid().unflatten(1, self.shape)
"""),
    "transposed": plugin("decoder", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.start = nn.Linear(in_features, 16 * (context.image.size // 4) ** 2)
        self.side = context.image.size // 4
        self.body = nn.Sequential(
            nn.BatchNorm2d(16), nn.ReLU(), nn.ConvTranspose2d(16, 8, 4, 2, 1), nn.BatchNorm2d(8), nn.ReLU(),
            nn.Dropout2d(0.1), nn.ConvTranspose2d(8, context.image.channels, 4, 2, 1),
        )

    def forward(self, code):
        hidden = self.start(code).view(-1, 16, self.side, self.side)
        return (self.body(hidden).tanh() + 1) / 2
""", """
    def check(self, info):
        if info.image.size % 4:
            yield ConfigIssue((), f"{info.image.size} is no multiple of 4")
"""),
    "coarse": plugin("decoder", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.size, self.channels = context.image.size, context.image.channels
        self.layer = nn.Linear(in_features, self.channels * 64)

    def forward(self, code):
        coarse = self.layer(code).sigmoid().reshape(-1, self.channels, 8, 8)
        return functional.interpolate(coarse, size=(self.size, self.size), mode="bilinear").clamp(0, 1)
"""),
    "coordinates": plugin("decoder", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        line = torch.linspace(-1, 1, context.image.size)
        grid = torch.stack(torch.meshgrid(line, line, indexing="ij"))
        waves = torch.cat([torch.cat([(2.0**n * grid).sin(), (2.0**n * grid).cos()]) for n in range(4)])
        self.register_buffer("waves", waves, persistent=False)
        self.mix = nn.Linear(in_features, 16 * 16)
        self.out = nn.Conv2d(16, context.image.channels, 1)

    def forward(self, code):
        mixed = torch.einsum("bok,khw->bohw", self.mix(code).unflatten(1, (16, 16)), self.waves)
        return self.out(functional.gelu(mixed)).sigmoid()
"""),
    "modulated": plugin("decoder", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        size = context.image.size
        self.canvas = nn.Parameter(torch.randn(1, 8, size, size))
        self.scale = nn.Linear(in_features, 8)
        self.shift = nn.Linear(in_features, 8)
        self.norm = nn.GroupNorm(2, 8)
        self.out = nn.Conv2d(8, context.image.channels, 3, padding=1)

    def forward(self, code):
        canvas = self.canvas.expand(len(code), -1, -1, -1)
        hidden = self.norm(canvas) * self.scale(code)[:, :, None, None] + self.shift(code)[:, :, None, None]
        return self.out(functional.silu(hidden)).sigmoid()
"""),
}  # fmt: skip

OUT = "self.layer(code).sigmoid().unflatten(1, self.shape)"

FAULTS = [
    ("no limit", "linear", ".sigmoid()", ""),
    ("tanh", "linear", ".sigmoid()", ".tanh()"),
    ("[0, 255]", "linear", "return " + OUT, "return 255 * " + OUT),
    ("positive alone", "linear", ".sigmoid()", ".relu()"),
    ("a little too much", "linear", "return " + OUT, "return 1.1 * " + OUT + " - 0.05"),
    ("no limit in training", "linear", ".sigmoid()", ".sigmoid().mul(1 + 0.2 * self.training)"),
    ("limit for small codes alone", "linear", "self.layer(code).sigmoid()", "(0.5 + 0.1 * self.layer(code))"),
    ("gray always", "linear", "context.image.channels", "1"),
    ("color always", "linear", "context.image.channels", "3"),
    ("gray repeated", "coarse", "return functional.interpolate(coarse,",
     "coarse = coarse.mean(dim=1, keepdim=True).expand(-1, self.channels, -1, -1)\n"
     "        return functional.interpolate(coarse,"),
    ("size of 32 always", "linear", "context.image.size", "32"),
    ("size of 64 always", "linear", "context.image.size", "64"),
    ("height alone", "coarse", "size=(self.size, self.size)", "size=(self.size, 32)"),
    ("channels last", "linear", "return " + OUT, "return " + OUT + ".permute(0, 2, 3, 1)"),
    ("flat", "linear", ".unflatten(1, self.shape)", ""),
    ("sizes that do not fit are accepted", "transposed", "if info.image.size % 4:", "if info.image.size % 2:"),
    ("odd sizes are accepted", "transposed", "if info.image.size % 4:", "if False:"),
    ("no check for one", "coarse", "reshape(-1, self.channels, 8, 8)", "reshape(-1, self.channels, 8, 8).squeeze(0)"),
    ("batch merged with channels", "coarse", "reshape(-1, self.channels, 8, 8)", "reshape(self.channels, -1, 8, 8).transpose(0, 1)"),
    ("twelve numbers always", "linear", "nn.Linear(in_features,", "nn.Linear(12,"),
    ("ignores the code", "modulated", "self.scale(code)", "self.scale(0 * code)"),
    ("ignores the code wholly", "linear", "self.layer(code)", "self.layer(torch.zeros_like(code) + 0 * code)"),
    ("code detached", "linear", "self.layer(code)", "self.layer(code.detach())"),
    ("picture detached", "linear", "return " + OUT, "return " + OUT + ".detach()"),
    ("no_grad", "linear", "    def forward", "    @torch.no_grad()\n    def forward"),
    ("bytes", "linear", "return " + OUT, "return (255 * " + OUT + ").byte()"),
    ("rounded", "linear", "return " + OUT, "return (255 * " + OUT + ").round() / 255"),
    ("saturated", "linear", "self.layer(code).sigmoid()", "(1e4 * self.layer(code) + 1e5).sigmoid()"),
    ("hard limit that cuts off", "linear", "self.layer(code).sigmoid()", "(self.layer(code) - 9).clamp(0, 1)"),
    ("double", "linear", "return " + OUT, "return " + OUT + ".double()"),
    ("half", "linear", "return " + OUT, "return " + OUT + ".half()"),
    ("a tuple", "linear", "return " + OUT, "return " + OUT + ", code"),
    ("a list of pictures", "linear", "return " + OUT, "return list(" + OUT + ")"),
    ("mean of the batch", "linear", "self.layer(code)", "self.layer(code - code.mean(dim=0))"),
    ("norm without statistics", "transposed", "nn.BatchNorm2d(8)", "nn.BatchNorm2d(8, track_running_stats=False)"),
    ("stretched to the batch", "linear", "return " + OUT,
     "images = " + OUT + "\n        return (images - images.min()) / (images.max() - images.min())"),
    ("stretched to the picture", "linear", "return " + OUT,
     "images = " + OUT + " * 0 + 0.3\n        return (images - images.amin((1, 2, 3), True)) / "
     "(images.amax((1, 2, 3), True) - images.amin((1, 2, 3), True))"),
    ("order turned", "linear", "return " + OUT, "return " + OUT + ".flip(0)"),
    ("dropout at test", "transposed", "hidden = self.start(code)", "hidden = functional.dropout(self.start(code), 0.1)"),
    ("noise", "coarse", "self.layer(code).sigmoid()", "(self.layer(code) + torch.randn(1)).sigmoid()"),
    ("noise of random", "coarse", "self.layer(code).sigmoid()", "(self.layer(code) + __import__('random').random()).sigmoid()"),
    ("fixed seed", "coarse", "coarse = ", "torch.manual_seed(1)\n        code = code + 0.1 * torch.randn_like(code)\n        coarse = "),
    ("code in place", "coarse", "coarse = ", "code = code.mul_(1.5) if not code.requires_grad else code\n        coarse = "),
    ("grid on the CPU", "coordinates", 'self.register_buffer("waves", waves, persistent=False)', "self.waves = waves"),
    ("buffer not stored", "coordinates", 'line = torch.linspace(-1, 1, context.image.size)',
     "line = torch.linspace(-1, 1, context.image.size) + torch.rand(1)"),
    ("canvas that is no parameter", "modulated", "nn.Parameter(torch.randn(1, 8, size, size))",
     "torch.randn(1, 8, size, size)"),
    ("canvas that does not learn", "modulated", "canvas = self.canvas.expand", "canvas = self.canvas.detach().expand"),
    ("layer without use", "linear", "self.layer = ", "self.refine = nn.Conv2d(1, 1, 3)\n        self.layer = "),
    ("layer made late", "coarse", "coarse = ", "if not hasattr(self, 'late'):\n            self.late = nn.Linear(code.shape[1], code.shape[1])\n"
     "        code = self.late(code)\n        coarse = "),
    ("remembers pictures", "coarse", "coarse = ", "self.codes = getattr(self, 'codes', [])\n        self.codes.append(code)\n        coarse = "),
    ("not finite for large codes", "coarse", "self.layer(code).sigmoid()",
     "(lambda x: x.exp() / (1 + x.exp()))(self.layer(code))"),
    ("not finite for zero", "coarse", "self.layer(code)", "self.layer(code / code.norm(dim=1, keepdim=True))"),
    ("view of strided memory", "linear", "self.layer(code)", "self.layer(code.view(-1).view(code.shape))"),
    ("eval mode always", "transposed", "hidden = self.start(code)", "self.eval()\n        hidden = self.start(code)"),
    ("upper half alone", "coarse", "coarse = ", "code = code + 0\n        coarse = 0.5 + 0 * "),
    ("lower half black", "linear", "return " + OUT, "images = " + OUT + "\n        half = images.shape[2] // 4\n"
     "        return torch.cat([images[:, :, :half], 0 * images[:, :, half:]], dim=2)"),
    ("code in place in training", "linear", "return " + OUT, "if self.training:\n            code.data.mul_(2)\n        return " + OUT),
    ("prints", "linear", "return " + OUT, "print('decoding')\n        return " + OUT),
]  # fmt: skip
