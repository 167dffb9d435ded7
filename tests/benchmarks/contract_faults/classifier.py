"""Good classifiers, and faults in them."""

from sources import plugin

GOOD = {
    "linear": plugin("classifier", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.layer = nn.Linear(in_features, len(context.classes))

    def forward(self, features):
        return self.layer(features)
"""),
    "deep": plugin("classifier", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.body = nn.Sequential(
            nn.BatchNorm1d(in_features), nn.Linear(in_features, 16), nn.GELU(), nn.Dropout(0.3), nn.LayerNorm(16)
        )
        self.head = nn.Linear(16, len(context.classes))
        nn.init.zeros_(self.head.weight)

    def forward(self, features):
        hidden = self.body(features)
        return self.head(hidden)
"""),
    "cosine": plugin("classifier", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.weight = nn.Parameter(torch.randn(len(context.classes), in_features))
        self.scale = nn.Parameter(torch.tensor(10.0))

    def forward(self, features):
        return self.scale * functional.linear(functional.normalize(features), functional.normalize(self.weight))
"""),
    "prototypes": plugin("classifier", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.prototypes = nn.Parameter(torch.randn(len(context.classes), in_features))

    def forward(self, features):
        return -(features[:, None] - self.prototypes).square().sum(dim=2)
"""),
    "random projection": plugin("classifier", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.register_buffer("projection", torch.randn(in_features, 64) / in_features**0.5)
        self.head = nn.Linear(64, len(context.classes))

    def forward(self, features):
        return self.head((features @ self.projection).tanh())
"""),
    "reference class": plugin("classifier", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.layer = nn.Linear(in_features, len(context.classes) - 1)

    def forward(self, features):
        return functional.pad(self.layer(features), (1, 0))
"""),
    "highway": plugin("classifier", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.gate = nn.Linear(in_features, in_features)
        self.norm = nn.utils.parametrizations.weight_norm(nn.Linear(in_features, in_features))
        self.head = nn.Linear(in_features, len(context.classes))

    def forward(self, features):
        gate = self.gate(features).sigmoid()
        hidden = gate * self.norm(features).relu() + (1 - gate) * features
        if self.training:
            hidden = hidden + 0.01 * torch.randn_like(hidden)
        return self.head(hidden)
"""),
}  # fmt: skip

FAULTS = [
    ("one class too many", "linear", "len(context.classes)", "len(context.classes) + 1"),
    ("seven classes always", "linear", "len(context.classes)", "7"),
    ("three classes always", "linear", "len(context.classes)", "3"),
    ("twelve features always", "linear", "nn.Linear(in_features,", "nn.Linear(12,"),
    ("probabilities", "linear", "return self.layer(features)", "return self.layer(features).softmax(dim=1)"),
    ("log-probabilities", "linear", "return self.layer(features)", "return self.layer(features).log_softmax(dim=1)"),
    ("sigmoid", "linear", "return self.layer(features)", "return self.layer(features).sigmoid()"),
    ("softmax over the batch", "deep", "return self.head(hidden)", "return self.head(hidden).softmax(dim=0)"),
    ("probabilities at test alone", "linear", "return self.layer(features)",
     "logits = self.layer(features)\n        return logits if self.training else logits.softmax(dim=1)"),
    ("decisions", "linear", "return self.layer(features)",
     "return functional.one_hot(self.layer(features).argmax(1), self.layer.out_features).float()"),
    ("transposed", "linear", "return self.layer(features)", "return self.layer(features).T"),
    ("squeezed", "linear", "return self.layer(features)", "return self.layer(features).squeeze()"),
    ("a tuple", "linear", "return self.layer(features)", "return self.layer(features), features"),
    ("a dictionary", "linear", "return self.layer(features)", "return {'logits': self.layer(features)}"),
    ("double precision", "linear", "return self.layer(features)", "return self.layer(features).double()"),
    ("half precision", "linear", "return self.layer(features)", "return self.layer(features).half()"),
    ("no gradient", "deep", "self.body(features)", "self.body(features).detach()"),
    ("no gradient to the input", "linear", "self.layer(features)", "self.layer(features.detach())"),
    ("no_grad", "linear", "    def forward", "    @torch.no_grad()\n    def forward"),
    ("gradient turned", "linear", "self.layer(features)",
     "(lambda x: 2 * x.detach() - x)(self.layer(features))"),
    ("unused layer", "linear", "self.layer = ", "self.more = nn.Linear(3, 3)\n        self.layer = "),
    ("hidden layers", "deep", "self.head = nn.Linear",
     "self.hidden = [nn.Linear(16, 16)]\n        self.head = nn.Linear"),
    ("hidden layers that are used", "deep", "        hidden = self.body(features)",
     "        if not hasattr(self, 'extra'):\n            self.extra = [nn.Linear(16, 16)]\n"
     "        hidden = self.extra[0](self.body(features))"),
    ("layer made when called", "linear", "return self.layer(features)",
     "self.late = getattr(self, 'late', None) or nn.Linear(features.shape[1], self.layer.out_features)\n"
     "        return self.layer(features) + self.late(features)"),
    ("tensor that is no parameter", "linear", "self.layer = ", "self.offset = torch.randn(1)\n        self.layer = "),
    ("dropout at test", "deep", "hidden = self.body(features)",
     "hidden = functional.dropout(self.body(features), 0.3)"),
    ("noise at test", "highway", "if self.training:", "if True:"),
    ("noise of numpy", "linear", "return self.layer(features)",
     "return self.layer(features) + __import__('numpy').random.rand()"),
    ("noise of a clock", "linear", "return self.layer(features)",
     "return self.layer(features) + 1e-3 * (__import__('time').perf_counter_ns() % 997)"),
    ("seed set", "linear", "return self.layer(features)", "torch.manual_seed(0)\n        return self.layer(features)"),
    ("mean of the batch", "linear", "self.layer(features)", "self.layer(features - features.mean(dim=0))"),
    ("norm without statistics", "deep", "nn.BatchNorm1d(in_features)",
     "nn.BatchNorm1d(in_features, track_running_stats=False)"),
    ("first sample", "linear", "self.layer(features)", "self.layer(features - 0.1 * features[:1])"),
    ("position in the batch", "linear", "return self.layer(features)",
     "return self.layer(features) + torch.arange(len(features))[:, None]"),
    ("size of the batch", "linear", "return self.layer(features)", "return self.layer(features) / len(features)"),
    ("neighbor", "linear", "return self.layer(features)",
     "return self.layer(features) + 0.01 * self.layer(features).roll(1, 0)"),
    ("statistics move at test", "linear", "return self.layer(features)",
     "if not hasattr(self, 'seen'):\n            self.register_buffer('seen', torch.zeros(1))\n"
     "        self.seen = self.seen * 0.9 + features.detach().mean()\n        return self.layer(features - self.seen)"),
    ("input in place", "linear", "return self.layer(features)",
     "with torch.no_grad():\n            features.mul_(0.5)\n        return self.layer(features)"),
    ("remembers", "linear", "return self.layer(features)",
     "self.log = [*getattr(self, 'log', []), features.detach()]\n        return self.layer(features)"),
    ("mode changed", "deep", "hidden = self.body(features)", "self.body.eval()\n        hidden = self.body(features)"),
    ("frozen when called", "linear", "return self.layer(features)",
     "self.requires_grad_(False)\n        return self.layer(features)"),
    ("gradient off for all", "linear", "return self.layer(features)",
     "out = self.layer(features)\n        torch.set_grad_enabled(False)\n        return out"),
    ("copy is itself", "linear", "    def forward",
     "    def __deepcopy__(self, memo):\n        return self\n\n    def forward"),
    ("prints", "linear", "return self.layer(features)", "print(features.shape)\n        return self.layer(features)"),
    ("shared between parts", "linear", "self.layer = nn.Linear(in_features, len(context.classes))",
     "key = (in_features, len(context.classes))\n        shared = Config.__dict__.get('_shared') or {}\n"
     "        type.__setattr__(Config, '_shared', shared)\n"
     "        self.layer = shared.setdefault(key, nn.Linear(*key))"),
    ("counter", "linear", "return self.layer(features)",
     "self.calls = getattr(self, 'calls', 0) + self.training\n        return self.layer(features) * (1 + self.calls)"),
    ("ignores its input", "linear", "self.layer(features)", "self.layer(torch.ones_like(features) + 0 * features)"),
    ("first feature alone", "linear", "self.layer(features)",
     "self.layer(functional.pad(features[:, :1], (0, features.shape[1] - 1)))"),
    ("not a number for one", "linear", "return self.layer(features)",
     "return self.layer(features / features.std(dim=0).clamp(min=1e-3))"),
    ("weights of numpy", "linear", "self.layer = nn.Linear(in_features, len(context.classes))",
     "self.layer = nn.Linear(in_features, len(context.classes))\n"
     "        self.layer.bias.data.fill_(float(__import__('numpy').random.default_rng().random()))"),
    ("view of memory", "linear", "self.layer(features)", "self.layer(features.view(-1).view(features.shape))"),
    ("float16 constants", "linear", "return self.layer(features)",
     "return self.layer(features) + (torch.tensor(7e4).to(self.layer(features).dtype)"
     " if self.layer(features).dtype == torch.float32 else float('inf'))"),
]  # fmt: skip
