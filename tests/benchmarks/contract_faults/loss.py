"""Good losses, and faults in them."""

from sources import plugin

LOGITS = """
    required_outputs: ClassVar[frozenset[str]] = frozenset({"logits"})
"""
REFERENCE = """
    required_outputs: ClassVar[frozenset[str]] = frozenset({"reference"})
    needs_references: ClassVar[bool] = True
"""
DIFFERENCE = """
    required_outputs: ClassVar[frozenset[str]] = frozenset({"difference"})
"""
CODES = """
    required_outputs: ClassVar[frozenset[str]] = frozenset({"query_code", "reference_code"})
"""

GOOD = {
    "focal": plugin("loss", """
    def __init__(self, config, context):
        super().__init__(config, context)
        counts = torch.tensor(context.class_counts, dtype=torch.float32)
        self.register_buffer("alpha", 1 / counts.clamp(min=1).sqrt(), persistent=False)

    def forward(self, output, batch):
        labeled = batch.label >= 0
        label = batch.label.clamp(min=0)
        log_p = output.logits.float().log_softmax(dim=1).gather(1, label[:, None])[:, 0]
        losses = -self.alpha[label] * (1 - log_p.exp()) ** self.config.gamma * log_p
        return masked_mean(losses, labeled)
""", LOGITS + """
    gamma: float = Field(2.0, ge=0, description="how little sure samples count")
"""),
    "votes": plugin("loss", """
    def forward(self, output, batch):
        labeled = batch.votes.sum(dim=1) > 0
        log_p = output.logits.float().log_softmax(dim=1)
        return masked_mean(-(batch.votes * log_p).sum(dim=1), labeled)
""", LOGITS),
    "hinge": plugin("loss", """
    def forward(self, output, batch):
        rows = batch.label >= 0
        logits = output.logits.float()
        if not rows.any():
            return 0 * logits.sum()
        return functional.multi_margin_loss(logits[rows], batch.label[rows])
""", LOGITS),
    "entropy": plugin("loss", """
    def forward(self, output, batch):
        log_p = output.logits.float().log_softmax(dim=1)
        return -(log_p.exp() * log_p).sum(dim=1).mean()
""", LOGITS),
    "huber": plugin("loss", """
    def forward(self, output, batch):
        error = functional.huber_loss(output.reference.float(), batch.reference, reduction="none", delta=0.1)
        return masked_mean(error.mean(dim=(1, 2, 3)), batch.has_reference)
""", REFERENCE),
    "margin": plugin("loss", """
    def forward(self, output, batch):
        gap = output.query_code.float() - output.reference_code.float()
        squared = gap.square().sum(dim=1)
        distance = (squared + 1e-8).sqrt()
        return torch.where(batch.neutral, squared, (1 - distance).clamp(min=0).square()).mean()
""", CODES),
    "stop gradient": plugin("loss", """
    def forward(self, output, batch):
        cosine = functional.cosine_similarity(output.query_code.float(), output.reference_code.detach().float())
        return masked_mean(1 - cosine, batch.neutral)
""", CODES + """
    constant_outputs: ClassVar[frozenset[str]] = frozenset({"reference_code"})
"""),
    "triplet": plugin("loss", """
    def forward(self, output, batch):
        rows = batch.label >= 0
        code, label = output.difference.float()[rows], batch.label[rows]
        distance = ((code[:, None] - code[None]).square().sum(dim=2) + 1e-6).sqrt()
        same = label[:, None] == label[None]
        itself = torch.eye(len(label), dtype=torch.bool, device=label.device)
        farthest = torch.where(same & ~itself, distance, 0).sum(dim=1) / (same & ~itself).sum(dim=1).clamp(min=1)
        nearest = torch.where(same, torch.inf, distance).amin(dim=1) if len(label) else distance.sum(dim=1)
        anchors = (same & ~itself).any(dim=1) & (~same).any(dim=1)
        return masked_mean((farthest - torch.where(anchors, nearest, 0) + 0.5).clamp(min=0), anchors)
""", DIFFERENCE),
    "center": plugin("loss", """
    def __init__(self, config, context):
        super().__init__(config, context)
        self.centers = nn.Parameter(torch.randn(len(context.classes), config.width))

    def forward(self, output, batch):
        label = batch.label.clamp(min=0)
        error = (output.features.float() - self.centers[label]).square().sum(dim=1)
        return masked_mean(error, batch.label >= 0)
""", """
    required_outputs: ClassVar[frozenset[str]] = frozenset({"features"})

    width: int = Field(128, ge=1, description="length of the representation")
"""),
    "arcface": plugin("loss", """
    def __init__(self, config, context):
        super().__init__(config, context)
        self.weight = nn.Parameter(torch.randn(len(context.classes), config.feature_width))

    def forward(self, output, batch):
        rows = batch.label >= 0
        if not rows.any():
            return 0 * (output.features.float().sum() + self.weight.sum())
        features, label = output.features.float()[rows], batch.label[rows]
        cosine = functional.normalize(features) @ functional.normalize(self.weight).T
        cosine = cosine.float().clamp(-1 + 1e-6, 1 - 1e-6)
        turned = (cosine.acos() + self.config.angle).cos()
        chosen = functional.one_hot(label, cosine.shape[1]).bool()
        return functional.cross_entropy(16 * torch.where(chosen, turned, cosine), label)
""", """
    required_outputs: ClassVar[frozenset[str]] = frozenset({"features"})

    feature_width: int = Field(64, ge=1, description="length of the representation")
    angle: float = Field(0.3, ge=0, description="margin, radians")
"""),
    "moving centers": plugin("loss", """
    def __init__(self, config, context):
        super().__init__(config, context)
        self.register_buffer("centers", torch.zeros(len(context.classes), config.width))

    def forward(self, output, batch):
        features = output.features.float()
        if self.training:
            known = functional.one_hot(batch.label.clamp(min=0), len(self.centers)).float()
            known = known * (batch.label >= 0)[:, None]
            count = known.sum(dim=0)[:, None]
            means = known.T @ features.detach() / count.clamp(min=1)
            self.centers = torch.where(count > 0, 0.9 * self.centers + 0.1 * means.float(), self.centers)
        error = (features - self.centers[batch.label.clamp(min=0)].detach()).square().mean(dim=1)
        return masked_mean(error, batch.label >= 0)
""", """
    required_outputs: ClassVar[frozenset[str]] = frozenset({"features"})

    width: int = Field(32, ge=1, description="length of the representation")
"""),
    "uncertain": plugin("loss", """
    def __init__(self, config, context):
        super().__init__(config, context)
        self.log_variance = nn.Parameter(torch.zeros(()))

    def forward(self, output, batch):
        error = (output.query_reconstruction.float() - batch.query).square().mean(dim=(1, 2, 3))
        return ((-self.log_variance).exp() * error + self.log_variance).mean()
""", """
    required_outputs: ClassVar[frozenset[str]] = frozenset({"query_reconstruction"})
"""),
    "info nce": plugin("loss", """
    def forward(self, output, batch):
        known = batch.has_reference
        code = functional.normalize(output.reference_code.float())
        target = functional.normalize(output.target_code.float())
        similarity = (code @ target.T).float() / 0.2
        similarity = similarity.masked_fill(~known[None, :], -1e4)
        return masked_mean(-similarity.log_softmax(dim=1).diagonal(), known)
""", """
    required_outputs: ClassVar[frozenset[str]] = frozenset({"reference_code", "target_code"})
    needs_references: ClassVar[bool] = True
"""),
    "smooth reference": plugin("loss", """
    def forward(self, output, batch):
        reference = output.reference.float()
        return reference.diff(dim=2).abs().mean() + reference.diff(dim=3).abs().mean()
""", """
    required_outputs: ClassVar[frozenset[str]] = frozenset({"reference"})
"""),
}  # fmt: skip

FOCAL = "return masked_mean(losses, labeled)"
HUBER = "return masked_mean(error.mean(dim=(1, 2, 3)), batch.has_reference)"
MARGIN = "return torch.where(batch.neutral, squared, (1 - distance).clamp(min=0).square()).mean()"

FAULTS = [
    ("a value for each sample", "focal", FOCAL, "return losses"),
    ("shape [1]", "focal", FOCAL, FOCAL + "[None]"),
    ("a number of Python", "focal", FOCAL, FOCAL + ".item()"),
    ("detached", "focal", FOCAL, FOCAL + ".detach()"),
    ("a tuple", "focal", FOCAL, FOCAL + ", log_p"),
    ("a dictionary", "focal", FOCAL, "return {'focal': masked_mean(losses, labeled)}"),
    ("double", "focal", FOCAL, FOCAL + ".double()"),
    ("half", "focal", FOCAL, FOCAL + ".half()"),
    ("sum over the batch", "focal", FOCAL, "return torch.where(labeled, losses, 0).sum()"),
    ("sum over the batch of the reference", "huber", HUBER, "return torch.where(batch.has_reference, error.mean(dim=(1, 2, 3)), 0).sum()"),
    ("mean twice", "focal", FOCAL, FOCAL + " / len(batch)"),
    ("root of the batch size", "entropy", ".sum(dim=1).mean()", ".sum(dim=1).sum() / len(batch) ** 0.5"),
    ("unlabeled count", "focal", FOCAL, "return losses.mean()"),
    ("unlabeled count in the mean", "focal", FOCAL, "return torch.where(labeled, losses, 0).mean()"),
    ("unlabeled is the last class", "focal", "labeled = batch.label >= 0\n        label = batch.label.clamp(min=0)", "labeled = batch.label > -9\n        label = batch.label % 3"),
    ("label -1 breaks", "votes", "labeled = batch.votes.sum(dim=1) > 0", "labeled = functional.one_hot(batch.label).sum(dim=1) > 0"),
    ("label -1 breaks the gather", "focal", "batch.label.clamp(min=0)", "batch.label + 0"),
    ("not a number without labels", "votes", "return masked_mean(-(batch.votes * log_p).sum(dim=1), labeled)", "return -(batch.votes * log_p).sum() / labeled.sum()"),
    ("empty mean", "hinge", "        if not rows.any():\n            return 0 * logits.sum()\n", ""),
    ("zero without gradient", "hinge", "return 0 * logits.sum()", "return torch.zeros(())"),
    ("one without labels", "hinge", "return 0 * logits.sum()", "return 0 * logits.sum() + 1"),
    ("empty subset has no gradient", "hinge", "return 0 * logits.sum()", "return logits.new_zeros(())"),
    ("first class is masked", "focal", "labeled = batch.label >= 0", "labeled = batch.label > 0"),
    ("weight applied", "focal", FOCAL, "return self.config.weight * masked_mean(losses, labeled)"),
    ("sign", "focal", FOCAL, "return -masked_mean(losses, labeled)"),
    ("sign of the pictures", "huber", HUBER, "return -masked_mean(error.mean(dim=(1, 2, 3)), batch.has_reference)"),
    ("label of the next class", "focal", "label = batch.label.clamp(min=0)", "label = (batch.label.clamp(min=0) + 1) % output.logits.shape[1]"),
    ("probabilities rewarded", "votes", "-(batch.votes * log_p)", "(batch.votes * log_p)"),
    ("margin turned", "margin", "torch.where(batch.neutral, squared,", "torch.where(~batch.neutral, squared,"),
    ("target in place of the query", "uncertain", "- batch.query)", "- (1 - batch.query))"),
    ("seven classes always", "focal", "torch.tensor(context.class_counts, dtype=torch.float32)", "torch.ones(7)[: max(3, len(context.classes))] + 0 * torch.ones(3).sum() * torch.ones(max(3, len(context.classes))) if len(context.classes) < 4 else torch.ones(3)"),
    ("a class never seen", "focal", "1 / counts.clamp(min=1).sqrt()", "1 / counts"),
    ("three centers always", "center", "len(context.classes)", "3"),
    ("centers no parameter", "center", "nn.Parameter(torch.randn(len(context.classes), config.width))", "torch.randn(len(context.classes), config.width)"),
    ("centers without gradient", "center", "self.centers[label]", "self.centers[label].detach()"),
    ("centers not stored", "moving centers", "torch.zeros(len(context.classes), config.width))", "torch.zeros(len(context.classes), config.width), persistent=False)"),
    ("centers of Python", "moving centers", 'self.register_buffer("centers", torch.zeros(len(context.classes), config.width))', "self.centers = torch.zeros(len(context.classes), config.width)"),
    ("centers keep the graph", "moving centers", "features.detach() / count", "features / count"),
    ("schedule of Python", "focal", FOCAL, "self.calls = getattr(self, 'calls', 0) + 1\n        return masked_mean(losses, labeled) * (1 + self.calls)"),
    ("history", "focal", FOCAL, "self.history = getattr(self, 'history', [])\n        self.history.append(losses.mean())\n        " + FOCAL),
    ("memory bank that grows", "focal", FOCAL, "self.bank = torch.cat([getattr(self, 'bank', losses[:0].detach()), losses.detach()])\n        " + FOCAL),
    ("noise", "focal", FOCAL, FOCAL + " * (1 + 0.1 * torch.rand(()))"),
    ("noise of numpy", "focal", FOCAL, FOCAL + " * (1 + 0.1 * __import__('numpy').random.rand())"),
    ("label smoothing by chance", "votes", "log_p = ", "drop = torch.rand(len(batch)) < 0.5\n        labeled = labeled & drop\n        log_p = "),
    ("seed", "focal", FOCAL, "torch.manual_seed(3)\n        " + FOCAL),
    ("sample numbers", "focal", FOCAL, "losses = losses * (1 + batch.sample % 3)\n        " + FOCAL),
    ("order", "entropy", ".sum(dim=1).mean()", ".sum(dim=1)[: max(1, len(batch) // 2)].mean()"),
    ("weighs by position", "focal", FOCAL, "losses = losses * torch.linspace(0.5, 1.5, len(losses))\n        " + FOCAL),
    ("first sample alone", "entropy", ".sum(dim=1).mean()", ".sum(dim=1)[0]"),
    ("requires too little", "margin", 'frozenset({"query_code", "reference_code"})', 'frozenset({"query_code"})'),
    ("requires too much", "focal", 'frozenset({"logits"})', 'frozenset({"logits", "features"})'),
    ("requires nothing", "focal", 'frozenset({"logits"})', "frozenset()"),
    ("requires what does not exist", "focal", 'frozenset({"logits"})', 'frozenset({"logit"})'),
    ("a list of outputs", "focal", 'frozenset({"logits"})', '["logits"]'),
    ("reads what it does not require", "entropy", "log_p = ", "extra = 0 if output.features is None else output.features.mean()\n        log_p = extra + "
     "(0 if output.features is None else output.features[:, :1] * torch.arange(output.logits.shape[1])) + "),
    ("one side detached", "margin", "output.reference_code.float()", "output.reference_code.detach().float()"),
    ("other side detached", "margin", "output.query_code.float()", "output.query_code.detach().float()"),
    ("logits as decisions", "votes", "output.logits.float().log_softmax(dim=1)", "(functional.one_hot(output.logits.argmax(dim=1), output.logits.shape[1]) + 0.1 + 0 * output.logits).log()"),
    ("root at zero", "margin", "(squared + 1e-8).sqrt()", "squared.sqrt()"),
    ("division by zero length", "stop gradient", "functional.cosine_similarity(output.query_code.float(), output.reference_code.detach().float())",
     "(lambda a, b: (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1)))(output.query_code.float(), output.reference_code.detach().float())"),
    ("no neutral face", "stop gradient", "return masked_mean(1 - cosine, batch.neutral)", "return (1 - cosine)[batch.neutral].mean()"),
    ("log of softmax", "votes", "output.logits.float().log_softmax(dim=1)", "output.logits.float().softmax(dim=1).log()"),
    ("exponential", "focal", "output.logits.float().log_softmax(dim=1)", "(lambda x: x - x.exp().sum(1, keepdim=True).log())(output.logits.float())"),
    ("half precision stays", "entropy", "output.logits.float()", "output.logits"),
    ("half precision is forced", "huber", "output.reference.float(), batch.reference", "output.reference.half(), batch.reference.half()"),
    ("unknown references count", "huber", HUBER, "return error.mean()"),
    ("unknown references in the mean", "huber", HUBER, "return torch.where(batch.has_reference, error.mean(dim=(1, 2, 3)), 0).mean()"),
    ("mask turned", "huber", "batch.has_reference)", "~batch.has_reference)"),
    ("mask of another picture", "huber", "batch.has_reference)", "batch.has_true_reference)"),
    ("mask by black pixels", "huber", "batch.has_reference)", "batch.reference.sum(dim=(1, 2, 3)) > 0)"),
    ("not a number without references", "huber", HUBER, "return error.mean(dim=(1, 2, 3))[batch.has_reference].mean()"),
    ("does not say that it needs references", "huber", "needs_references: ClassVar[bool] = True", ""),
    ("says that it needs references", "smooth reference", 'frozenset({"reference"})', 'frozenset({"reference"})\n    needs_references: ClassVar[bool] = True'),
    ("check without the base", "huber", "needs_references: ClassVar[bool] = True", "needs_references: ClassVar[bool] = True\n\n    def check(self, info):\n        return ()"),
    ("check that always complains", "focal", 'gamma: float', 'def check(self, info):\n        yield ConfigIssue((), "no")\n\n    gamma: float'),
    ("other base of the options", "focal", "class Config(LossConfig)", "class Config(__import__('gcnet_core.plugin_api').plugin_api.PluginConfig)"),
    ("logits in place", "entropy", "log_p = ", "output.logits.data.mul_(0.9)\n        log_p = "),
    ("labels in place", "focal", "label = batch.label.clamp(min=0)", "label = batch.label.clamp_(max=1)"),
    ("output replaced", "entropy", "log_p = ", "output.logits = output.logits.detach() * 0.9 + 0.1 * output.logits\n        log_p = "),
    ("batch of one breaks", "entropy", "output.logits.float()", "output.logits.float().squeeze()"),
    ("batch of one is not a number", "entropy", "log_p = ", "scale = output.logits.float().std(dim=0)\n        log_p = 0 * scale + "),
    ("unused weights", "uncertain", "self.log_variance = ", "self.more = nn.Parameter(torch.zeros(3))\n        self.log_variance = "),
    ("weight is cut off", "uncertain", "(-self.log_variance).exp() * error + self.log_variance", "(-self.log_variance.detach()).exp() * error"),
    ("prints", "focal", FOCAL, "print(losses)\n        " + FOCAL),
    ("gradient off", "focal", FOCAL, "value = masked_mean(losses, labeled)\n        torch.set_grad_enabled(False)\n        return value"),
    ("no_grad", "focal", "    def forward", "    @torch.no_grad()\n    def forward"),
    ("true reference of the unknown", "uncertain", "- batch.query)", "- batch.true_reference)"),
    ("same class pushed apart", "triplet", "(farthest - torch.where(anchors, nearest, 0) + 0.5)", "(torch.where(anchors, nearest, 0) - farthest + 0.5)"),
    ("unlabeled as a class", "triplet", "rows = batch.label >= 0", "rows = batch.label >= -1"),
    ("itself is a neighbor", "triplet", "itself = torch.eye(len(label), dtype=torch.bool, device=label.device)", "itself = torch.zeros(len(label), len(label), dtype=torch.bool)\n        itself[0] = True"),
    ("diagonal of the unknown", "info nce", "masked_mean(-similarity.log_softmax(dim=1).diagonal(), known)", "-similarity.log_softmax(dim=1).diagonal().mean()"),
    ("unknown as negatives", "info nce", ".masked_fill(~known[None, :], -1e4)", ""),
    ("target gets the gradient alone", "info nce", "output.reference_code.float()", "output.reference_code.detach().float()"),
]  # fmt: skip
