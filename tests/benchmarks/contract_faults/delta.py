"""Good differences, and faults in them."""

from sources import plugin

WIDTHS = """
        self.width = self.difference_width = in_features
"""

GOOD = {
    "signed": plugin("delta", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.scale = nn.Parameter(torch.tensor(4.0))
        self.width = self.difference_width = in_features
        self.symmetry = "antisymmetric"

    def forward(self, query_code, reference_code):
        return self.scale * (query_code - reference_code)
"""),
    "without a promise": plugin("delta", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.width = in_features
        self.difference_width = in_features

    def forward(self, query_code, reference_code):
        return query_code - reference_code
"""),
    "absolute": plugin("delta", """
    symmetry = "symmetric"

    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.width = self.difference_width = in_features

    def forward(self, query_code, reference_code):
        return (query_code - reference_code).abs()
"""),
    "appended": plugin("delta", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.difference_width = in_features
        self.width = 3 * in_features
        self.norm = nn.BatchNorm1d(in_features)

    def forward(self, query_code, reference_code):
        difference = self.norm(query_code - reference_code)
        return torch.cat([difference, query_code * reference_code, query_code], dim=1)
"""),
    "bilinear": plugin("delta", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.form = nn.Bilinear(in_features, in_features, 8)
        self.width = self.difference_width = 8

    def forward(self, query_code, reference_code):
        return self.form(query_code, reference_code)
"""),
    "network": plugin("delta", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.layers = nn.Sequential(
            nn.Linear(2 * in_features, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 10)
        )
        self.width = self.difference_width = 10

    def forward(self, query_code, reference_code):
        return self.layers(torch.cat([query_code, reference_code], dim=1))
"""),
    "projected": plugin("delta", """
    symmetry = "antisymmetric"

    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.project = nn.Linear(in_features, 6, bias=False)
        self.width = self.difference_width = 6

    def forward(self, query_code, reference_code):
        return self.project(query_code) - self.project(reference_code)
"""),
    "gated": plugin("delta", """
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.gate = nn.Linear(in_features, in_features)
        self.width = self.difference_width = in_features

    def forward(self, query_code, reference_code):
        return self.gate(reference_code).sigmoid() * (query_code - reference_code)
"""),
    "root": plugin("delta", """
    symmetry = "symmetric"

    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.width = in_features + 1
        self.difference_width = in_features

    def forward(self, query_code, reference_code):
        difference = ((query_code - reference_code).square() + 1e-6).sqrt()
        return torch.cat([difference, functional.cosine_similarity(query_code, reference_code)[:, None]], dim=1)
"""),
}  # fmt: skip

MINUS = "self.scale * (query_code - reference_code)"
PLAIN = "return query_code - reference_code"

FAULTS = [
    ("width too large", "signed", "self.width = self.difference_width = in_features",
     "self.width = 2 * in_features\n        self.difference_width = in_features"),
    ("no width", "without a promise", "self.width = in_features\n", ""),
    ("no difference_width", "without a promise", "self.difference_width = in_features", ""),
    ("width as text", "without a promise", "self.width = in_features\n", "self.width = str(in_features)\n"),
    ("width as a float", "without a promise", "self.width = in_features\n", "self.width = in_features / 1\n"),
    ("difference wider than all", "without a promise", "self.difference_width = in_features",
     "self.difference_width = in_features + 1"),
    ("difference of no width", "without a promise", "self.difference_width = in_features",
     "self.difference_width = 0"),
    ("width of twelve", "without a promise", "self.width = in_features\n", "self.width = 12\n"),
    ("query first", "appended", "[difference, query_code * reference_code, query_code]",
     "[query_code, query_code * reference_code, difference]"),
    ("product first", "appended", "[difference, query_code * reference_code, query_code]",
     "[query_code * reference_code, difference, query_code]"),
    ("width forgets what is appended", "appended", "self.width = 3 * in_features", "self.width = in_features"),
    ("sum that is said to be antisymmetric", "signed", MINUS, "self.scale * (query_code + reference_code)"),
    ("sum", "without a promise", PLAIN, "return query_code + reference_code"),
    ("product", "without a promise", PLAIN, "return query_code * reference_code"),
    ("mean of both", "without a promise", PLAIN, "return (query_code + reference_code) / 2"),
    ("ratio", "without a promise", PLAIN, "return query_code / (1e-2 + reference_code.abs()) + reference_code"),
    ("larger of both", "without a promise", PLAIN, "return torch.maximum(query_code, reference_code)"),
    ("absolute that is said to be antisymmetric", "signed", MINUS, "self.scale * (query_code - reference_code).abs()"),
    ("signed that is said to be symmetric", "absolute", ".abs()", ""),
    ("half a promise", "signed", MINUS, "self.scale * functional.relu(query_code - reference_code)"),
    ("shifted", "signed", MINUS, "self.scale * (query_code - reference_code) + 0.1"),
    ("unequal factors", "projected", "- self.project(reference_code)", "- 0.9 * self.project(reference_code)"),
    ("bias on one side", "projected", "- self.project(reference_code)", "- self.project(reference_code) + self.project.weight[:, 0]"),
    ("unknown symmetry", "signed", '"antisymmetric"', '"odd"'),
    ("query alone", "without a promise", PLAIN, "return query_code"),
    ("reference alone", "without a promise", PLAIN, "return -reference_code"),
    ("query against itself", "without a promise", PLAIN, "return query_code - query_code"),
    ("reference weighs nothing", "network", "[query_code, reference_code]", "[query_code, 0 * reference_code]"),
    ("constant", "without a promise", PLAIN, "return torch.ones_like(query_code) + 0 * (query_code - reference_code)"),
    ("reference detached", "without a promise", PLAIN, "return query_code - reference_code.detach()"),
    ("query detached", "without a promise", PLAIN, "return query_code.detach() - reference_code"),
    ("result detached", "without a promise", PLAIN, "return (query_code - reference_code).detach()"),
    ("sign", "without a promise", PLAIN, "return (query_code - reference_code).sign()"),
    ("rounded", "without a promise", PLAIN, "return (query_code - reference_code).round()"),
    ("reference of the first sample", "without a promise", PLAIN, "return query_code - reference_code[:1]"),
    ("mean reference of the batch", "without a promise", PLAIN, "return query_code - reference_code.mean(dim=0)"),
    ("normalized over the batch", "without a promise", PLAIN,
     "return functional.normalize(query_code - reference_code, dim=0)"),
    ("norm without statistics", "appended", "nn.BatchNorm1d(in_features)",
     "nn.BatchNorm1d(in_features, track_running_stats=False)"),
    ("references in another order", "without a promise", PLAIN, "return query_code - reference_code.flip(0)"),
    ("root of zero", "root", " + 1e-6", ""),
    ("distance alone", "root", "difference = ((query_code - reference_code).square() + 1e-6).sqrt()",
     "difference = (query_code - reference_code) / (query_code - reference_code).norm(dim=1, keepdim=True)"),
    ("in place", "without a promise", PLAIN, "return query_code.sub_(reference_code)"),
    ("in place without gradient", "without a promise", PLAIN,
     "with torch.no_grad():\n            reference_code.mul_(0.5)\n        return query_code - reference_code"),
    ("squeezed", "without a promise", PLAIN, "return (query_code - reference_code).squeeze(0)"),
    ("stacked", "without a promise", PLAIN, "return torch.stack([query_code, reference_code], dim=1)"),
    ("a tuple", "without a promise", PLAIN, "return query_code - reference_code, query_code"),
    ("double", "without a promise", PLAIN, "return (query_code - reference_code).double()"),
    ("overflow in half precision", "without a promise", PLAIN,
     "return ((query_code - reference_code).half() * 60000).float() / 60000"),
    ("noise", "without a promise", PLAIN, "return query_code - reference_code + 0.01 * torch.randn_like(query_code)"),
    ("dropout at test", "without a promise", PLAIN, "return functional.dropout(query_code - reference_code)"),
    ("running mean at test", "without a promise", PLAIN,
     "self.mean = 0.9 * getattr(self, 'mean', 0) + 0.1 * reference_code.detach().mean(dim=0)\n"
     "        return query_code - reference_code - self.mean"),
    ("factor that is not stored", "without a promise", PLAIN,
     "if self.training:\n            self.seen = getattr(self, 'seen', 1) + 1\n"
     "        return getattr(self, 'seen', 1) * (query_code - reference_code)"),
    ("factor that is no parameter", "without a promise", "self.width = in_features\n",
     "self.width = in_features\n        self.factor = torch.ones(in_features, requires_grad=True)\n"),
    ("unused weights", "signed", "self.scale = ", "self.bias = nn.Parameter(torch.zeros(in_features))\n        self.scale = "),
    ("scale without gradient", "signed", MINUS, "self.scale.item() * (query_code - reference_code)"),
    ("list of layers", "projected", "self.project = nn.Linear(in_features, 6, bias=False)",
     "self.layers = [nn.Linear(in_features, 6, bias=False)]\n        self.project = lambda code: self.layers[0](code)"),
    ("twelve numbers always", "projected", "nn.Linear(in_features,", "nn.Linear(12,"),
    ("width set late", "without a promise", PLAIN,
     "self.width = query_code.shape[1] + 1\n        return query_code - reference_code"),
    ("remembers", "without a promise", PLAIN,
     "self.last = (*getattr(self, 'last', ()), reference_code.detach().clone())\n        return query_code - self.last[-1]"
     " - reference_code + reference_code.detach()"),
    ("last reference", "without a promise", PLAIN,
     "last = getattr(self, 'last', reference_code)\n        self.last = reference_code.detach()\n"
     "        return query_code - (last if last.shape == query_code.shape else reference_code) - 0 * reference_code"),
]  # fmt: skip
