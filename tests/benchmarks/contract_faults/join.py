"""Good joins, and faults in them."""

from sources import plugin

GOOD = {
    "mean": plugin("join", """
    def forward(self, values, known, query, distance=None):
        beside = known.reshape(*known.shape, *[1] * (values.dim() - 2))
        total = values.masked_fill(~beside, 0).sum(dim=1)
        return total / beside.sum(dim=1)
"""),
    "median": plugin("join", """
    def forward(self, values, known, query, distance=None):
        beside = known.reshape(*known.shape, *[1] * (values.dim() - 2))
        ordered = values.masked_fill(~beside, torch.inf).sort(dim=1).values
        count = known.sum(dim=1)
        rows = torch.arange(len(values), device=values.device)
        return (ordered[rows, (count - 1) // 2] + ordered[rows, count // 2]) / 2
"""),
    "attention": plugin("join", """
    def __init__(self, config, context):
        super().__init__(config, context)
        self.rest = nn.Parameter(torch.tensor(1.0))
        self.likeness = nn.Parameter(torch.tensor(0.5))

    def forward(self, values, known, query, distance=None):
        beside = known.reshape(*known.shape, *[1] * (values.dim() - 2))
        values = values.masked_fill(~beside, 0)
        apart = (values - query[:, None]).flatten(2).square().mean(dim=2)
        scores = -self.likeness * apart / (apart + 1)
        if distance is not None:
            scores = scores - self.rest * 50 * distance.masked_fill(~known, 0).clamp(max=1)
        weights = scores.masked_fill(~known, -torch.inf).softmax(dim=1)
        return (values * weights.reshape(beside.shape)).sum(dim=1)
""", """
    def needs_generator(self):
        return True
"""),
    "nearest": plugin("join", """
    def forward(self, values, known, query, distance=None):
        beside = known.reshape(*known.shape, *[1] * (values.dim() - 2))
        apart = (values.masked_fill(~beside, 0) - query[:, None]).flatten(2).square().mean(dim=2)
        chosen = apart.masked_fill(~known, torch.inf).argmin(dim=1)
        return values[torch.arange(len(values), device=values.device), chosen]
"""),
    "learned": plugin("join", """
    def __init__(self, config, context):
        super().__init__(config, context)
        self.score = nn.Sequential(nn.Linear(3, config.hidden), nn.ReLU(), nn.Linear(config.hidden, 1))

    def forward(self, values, known, query, distance=None):
        beside = known.reshape(*known.shape, *[1] * (values.dim() - 2))
        flat, own = values.masked_fill(~beside, 0).float().flatten(2), query.float().flatten(1)[:, None]
        apart = (flat - own).square().mean(dim=2)
        told = torch.stack([apart / (1 + apart), flat.mean(dim=2).tanh(), own.mean(dim=2).tanh() + 0 * apart], dim=2)
        weights = self.score(told)[..., 0].float().masked_fill(~known, -torch.inf).softmax(dim=1)
        return (values.masked_fill(~beside, 0) * weights.reshape(beside.shape).to(values.dtype)).sum(dim=1)
""", """
    hidden: int = Field(8, ge=1, description="width of the hidden layer")
"""),
}  # fmt: skip

TOTAL = "values.masked_fill(~beside, 0).sum(dim=1)"
RETURN = "return total / beside.sum(dim=1)"

FAULTS = [
    ("mean over all places", "mean", RETURN, "return total / known.shape[1]"),
    ("unknown places count", "mean", "values.masked_fill(~beside, 0)", "values"),
    ("unknown places times zero", "mean", "values.masked_fill(~beside, 0)", "(values * beside)"),
    ("sum", "mean", RETURN, "return total"),
    ("first candidate", "mean", RETURN, "return values[:, 0]"),
    ("first that is known", "mean", RETURN, "return values[torch.arange(len(values)), known.int().argmax(dim=1)]"),
    ("later ones weigh more", "mean", TOTAL, "(values.masked_fill(~beside, 0) * (1 + torch.arange(known.shape[1])).reshape(1, -1, *[1] * (values.dim() - 2))).sum(dim=1)"),
    ("mean with the query", "mean", RETURN, "return (total + query) / (1 + beside.sum(dim=1))"),
    ("the query", "mean", RETURN, "return query"),
    ("constant", "mean", RETURN, "return torch.zeros_like(query)"),
    ("mean over the batch", "mean", RETURN, "return (total / beside.sum(dim=1)).mean(dim=0, keepdim=True).expand_as(query)"),
    ("normalized", "mean", RETURN, "return functional.normalize(total / beside.sum(dim=1), dim=1)"),
    ("keeps the axis", "mean", RETURN, "return (total / beside.sum(dim=1))[:, None]"),
    ("codes alone", "mean", "known.reshape(*known.shape, *[1] * (values.dim() - 2))", "known[:, :, None]"),
    ("one number for each", "mean", RETURN, "return (total / beside.sum(dim=1)).flatten(1).mean(dim=1)"),
    ("double", "mean", RETURN, "return (total / beside.sum(dim=1)).double()"),
    ("detached", "mean", RETURN, "return (total / beside.sum(dim=1)).detach()"),
    ("noise", "mean", RETURN, "return total / beside.sum(dim=1) + 0.01 * torch.randn_like(query)"),
    ("noise in training", "mean", RETURN, "return total / beside.sum(dim=1) + 0.1 * self.training * torch.randn_like(query)"),
    ("not a number where none is unknown", "mean", RETURN, "return total / beside.sum(dim=1) + 0 / (~known).sum()"),
    ("in place", "mean", TOTAL, "values.masked_fill_(~beside, 0).sum(dim=1)"),
    ("mean of squares", "mean", RETURN, "return (values.masked_fill(~beside, 0).square().sum(dim=1) / beside.sum(dim=1)).sqrt()"),
    ("root at zero", "mean", RETURN, "return (total / beside.sum(dim=1)).square().sqrt() * total.sign()"),
    ("brighter than a picture", "mean", RETURN, "return total / beside.sum(dim=1) * (1 + 0.4 * (known.sum(dim=1) > 1)).reshape(-1, *[1] * (total.dim() - 1))"),
    ("lower middle of the unknown", "median", "torch.inf).sort", "0).sort"),
    ("upper one", "median", "(count - 1) // 2", "count"),
    ("in the middle of all places", "median", "count = known.sum(dim=1)", "count = torch.full_like(known.sum(dim=1), known.shape[1])"),
    ("needs distances", "attention", "if distance is not None:", "if True:"),
    ("distances ignored", "attention", "if distance is not None:", "if False:"),
    ("distances without saying so", "attention", "return True", "return False"),
    ("says nothing", "attention", "return True", "return None"),
    ("unknown ones attended", "attention", "scores.masked_fill(~known, -torch.inf)", "scores"),
    ("softmax over the batch", "attention", "softmax(dim=1)", "softmax(dim=0)"),
    ("weights that do not sum to one", "attention", ".softmax(dim=1)", ".sigmoid()"),
    ("weight taken out", "attention", "self.rest *", "self.rest.item() *"),
    ("weights of no parameter", "attention", "nn.Parameter(torch.tensor(1.0))", "torch.ones(1, requires_grad=True)"),
    ("distances relative to their sum", "attention", "distance.masked_fill(~known, 0).clamp(max=1)", "(distance / distance.sum(dim=1, keepdim=True))"),
    ("nearest of all places", "nearest", "apart.masked_fill(~known, torch.inf)", "apart"),
    ("nearest of the batch", "nearest", "query[:, None]", "query.mean(dim=0, keepdim=True)[:, None]"),
    ("size of the codes of a case", "learned", "nn.Linear(3,", "nn.LazyLinear("),
    ("option unread", "learned", "config.hidden", "8"),
    ("dropout at test", "learned", ".softmax(dim=1)", ".softmax(dim=1) * (torch.rand(known.shape[1]) > 0.2)"),
]  # fmt: skip
