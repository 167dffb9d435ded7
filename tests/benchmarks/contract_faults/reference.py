"""Good references, and faults in them."""

from sources import plugin

GOOD = {
    "all that there is": plugin("reference", """
    def forward(self, batch, estimate, generate, *, draw=False, true_reference=False, distance=False):
        album, true = batch.has_album, batch.has_true_reference & true_reference
        if draw:
            album = album & (torch.rand(len(batch), 1, device=album.device) < self.config.album_prob)
        own = torch.where(true[:, None, None, None], batch.true_reference, estimate)
        pictures = torch.cat([own[:, None], batch.album], dim=1)
        known = torch.cat([torch.ones_like(true)[:, None], album], dim=1)
        far = pictures.new_zeros(known.shape)
        if distance and generate is not None and album.any():
            given = batch.album[album]
            far[:, 1:][album] = (generate(given) - given).square().mean(dim=(1, 2, 3)).detach()
        return Candidates(pictures, known, far if distance else None)
""", """
    album_prob: float = Field(0.8, gt=0, le=1, description="share of the training samples that see their album")

    def uses_album(self):
        return True
"""),
    "estimate": plugin("reference", """
    def forward(self, batch, estimate, generate, *, draw=False, true_reference=False, distance=False):
        true = batch.has_true_reference & true_reference
        own = torch.where(true[:, None, None, None], batch.true_reference, estimate)
        known = torch.ones_like(true)[:, None]
        return Candidates(own[:, None], known, own.new_zeros(known.shape) if distance else None)
"""),
    "true neutral": plugin("reference", """
    def forward(self, batch, estimate, generate, *, draw=False, true_reference=False, distance=False):
        known = torch.ones_like(batch.has_true_reference)[:, None]
        far = batch.query.new_zeros(known.shape) if distance else None
        return Candidates(batch.true_reference[:, None], known, far)
""", """
    def needs_true_reference(self):
        return True
"""),
    "at rest": plugin("reference", """
    def forward(self, batch, estimate, generate, *, draw=False, true_reference=False, distance=False):
        true = batch.has_true_reference & true_reference
        own = torch.where(true[:, None, None, None], batch.true_reference, estimate)
        album, far = batch.album.clone(), batch.album.new_zeros(batch.has_album.shape)
        if batch.has_album.any():
            given = batch.album[batch.has_album]
            neutral = generate(given).to(given.dtype)
            album[batch.has_album] = neutral
            far[batch.has_album] = (neutral - given).square().mean(dim=(1, 2, 3)).detach()
        pictures = torch.cat([own[:, None], album], dim=1)
        known = torch.cat([torch.ones_like(true)[:, None], batch.has_album], dim=1)
        return Candidates(pictures, known, torch.cat([0 * far.sum(1, True), far], dim=1) if distance else None)
""", """
    def uses_album(self):
        return True

    def needs_generator(self):
        return True
"""),
    "most like the query": plugin("reference", """
    def forward(self, batch, estimate, generate, *, draw=False, true_reference=False, distance=False):
        true = batch.has_true_reference & true_reference
        own = torch.where(true[:, None, None, None], batch.true_reference, estimate)
        pictures = torch.cat([own[:, None], batch.album], dim=1)
        known = torch.cat([~batch.has_album.any(1, True) | true[:, None], batch.has_album], dim=1)
        apart = (pictures - batch.query[:, None]).square().mean(dim=(2, 3, 4)).masked_fill(~known, torch.inf)
        apart = apart.masked_fill(true[:, None] & (torch.arange(known.shape[1], device=known.device) == 0), -1)
        rows, chosen = torch.arange(len(known), device=known.device), apart.argmin(dim=1)
        picture = pictures[rows, chosen]
        far = None
        if distance:
            far = picture.new_zeros((len(picture), 1))
            of_album = chosen > 0
            if generate is not None and of_album.any():
                given = picture[of_album]
                far[of_album, 0] = (generate(given) - given).square().mean(dim=(1, 2, 3)).detach()
        return Candidates(picture[:, None], torch.ones_like(known[:, :1]), far)
""", """
    def uses_album(self):
        return True
"""),
}  # fmt: skip

OWN = "own = torch.where(true[:, None, None, None], batch.true_reference, estimate)"
ALBUM = "album, true = batch.has_album, batch.has_true_reference & true_reference"
KNOWN = "known = torch.cat([torch.ones_like(true)[:, None], album], dim=1)"

FAULTS = [
    ("all places known", "all that there is", KNOWN, "known = torch.ones(pictures.shape[:2], dtype=torch.bool)"),
    ("none where there is an album alone", "all that there is", "torch.ones_like(true)[:, None], album]", "true[:, None], album]"),
    ("known as numbers", "all that there is", "return Candidates(pictures, known,", "return Candidates(pictures, known.float(),"),
    ("a tensor", "all that there is", "return Candidates(pictures, known, far if distance else None)", "return pictures"),
    ("a tuple", "all that there is", "return Candidates(pictures, known, far if distance else None)", "return pictures, known"),
    ("distances never", "all that there is", "far if distance else None", "None"),
    ("distances of the estimate alone", "all that there is", "far if distance", "far[:, :1] if distance"),
    ("distances that are sums", "all that there is", ".square().mean(", ".square().sum("),
    ("distances without a square", "all that there is", ".square().mean(", ".abs().mean("),
    ("distances in another order", "all that there is", "far[:, 1:][album]", "far[:, 1:].flip(1)[album.flip(1)]"),
    ("generator of all places", "all that there is", "given = batch.album[album]\n", "given = generate(batch.album.flatten(0, 1)).unflatten(0, album.shape)[album]\n"),
    ("generator of none", "all that there is", " and album.any()", ""),
    ("generator always", "all that there is", "if distance and generate is not None and album.any():", "if distance and album.any():"),
    ("draws at test", "all that there is", "if draw:", "if True:"),
    ("draws at test from a number", "all that there is", "if draw:", "if not draw:\n            torch.rand(1)\n        if draw:"),
    ("seeds", "all that there is", "if draw:", "if draw:\n            torch.manual_seed(0)"),
    ("draw for the whole batch", "all that there is", "torch.rand(len(batch), 1, device=album.device)", "torch.rand(1, 1, device=album.device)"),
    ("album in training alone", "all that there is", "if draw:", "if not draw:\n            album = album & False\n        if draw:"),
    ("album at test alone", "all that there is", "< self.config.album_prob", "< 0 * self.config.album_prob"),
    ("says that it uses none", "all that there is", "return True", "return False"),
    ("says nothing of albums", "all that there is", "return True", "return 1"),
    ("first picture of an album", "all that there is", ALBUM, ALBUM + "\n        album = album & (torch.arange(album.shape[1], device=album.device) == 0)"),
    ("album of the neighbor", "all that there is", "own[:, None], batch.album]", "own[:, None], batch.album.roll(1, 0)]"),
    ("albums of all", "all that there is", "own[:, None], batch.album]", "own[:, None], batch.album.mean(dim=0, keepdim=True).expand_as(batch.album)]"),
    ("true reference untold", "all that there is", " & true_reference", ""),
    ("true reference in training untold and untrue", "all that there is", "batch.has_true_reference & true_reference", "batch.has_true_reference & (true_reference | (not draw))"),
    ("true reference never", "estimate", " & true_reference", " & False"),
    ("true reference where unknown", "estimate", "batch.has_true_reference & true_reference", "torch.ones_like(batch.has_true_reference) & true_reference"),
    ("true reference beside the estimate", "estimate", OWN, "own = (estimate + batch.true_reference * true[:, None, None, None]) / (1 + true[:, None, None, None].float())"),
    ("true reference at test alone", "estimate", "& true_reference", "& (true_reference and not draw)"),
    ("reference of the data", "estimate", "batch.true_reference, estimate)", "batch.reference, estimate)"),
    ("reference of the data in training", "estimate", OWN, OWN + "\n        if draw:\n            own = torch.where(batch.has_reference[:, None, None, None], batch.reference, own)"),
    ("query if it is neutral", "estimate", OWN, OWN + "\n        own = torch.where(batch.neutral[:, None, None, None], batch.query, own)"),
    ("query in training if it is neutral", "estimate", OWN, OWN + "\n        own = torch.where((batch.neutral & draw)[:, None, None, None], batch.query, own)"),
    ("darker by its label", "estimate", "Candidates(own[:, None]", "Candidates(own[:, None] * (1 - 0.01 * batch.label.view(-1, 1, 1, 1, 1).clamp(min=0))"),
    ("another by its number", "estimate", OWN, OWN + "\n        own = torch.where((batch.sample % 2 == 0)[:, None, None, None], own, own.flip(-1))"),
    ("query in place of the estimate", "estimate", "batch.true_reference, estimate)", "batch.true_reference, batch.query)"),
    ("estimate detached", "estimate", "batch.true_reference, estimate)", "batch.true_reference, estimate.detach())"),
    ("estimate detached in training", "estimate", "batch.true_reference, estimate)", "batch.true_reference, estimate.detach() if draw else estimate)"),
    ("estimate out of range", "estimate", "own[:, None], known", "2 * own[:, None], known"),
    ("estimate rescaled by the batch", "estimate", OWN, OWN + "\n        own = own / own.max()"),
    ("no axis of candidates", "estimate", "Candidates(own[:, None]", "Candidates(own"),
    ("double", "estimate", "Candidates(own[:, None]", "Candidates(own[:, None].double()"),
    ("in place", "estimate", OWN, "own = estimate\n        own[true] = batch.true_reference[true]"),
    ("remembers", "estimate", OWN, OWN + "\n        self.seen = [*getattr(self, 'seen', []), own.detach()]"),
    ("last batch's", "estimate", OWN, OWN + "\n        last, self.last = getattr(self, 'last', own), own.detach()\n        own = last if last.shape == own.shape else own"),
    ("needs a generator without saying so", "at rest", "def needs_generator", "def wants_generator"),
    ("at rest what is unknown", "at rest", "given = batch.album[batch.has_album]\n            neutral = generate(given).to(given.dtype)", "given = batch.album[batch.has_album]\n            neutral = generate(batch.album.flatten(0, 1)).unflatten(0, batch.has_album.shape)[batch.has_album]"),
    ("distance after it is at rest", "at rest", "(neutral - given)", "(generate(neutral) - neutral)"),
    ("at rest alone without an album", "at rest", "if batch.has_album.any():", "if True:"),
    ("most like of all places", "most like the query", ".masked_fill(~known, torch.inf)", ""),
    ("most like the first query", "most like the query", "batch.query[:, None]", "batch.query[:1, None]"),
    ("needs a true one without saying so", "true neutral", "def needs_true_reference", "def wants_true_reference"),
]  # fmt: skip
