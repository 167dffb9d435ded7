"""What an album alone tells of the label of its query: AR, CK+ and drawn faces, under each rule for albums.

Run `python tests/benchmarks/album_leak.py`; it needs AR and CK+, as `recipes/ar/vae_resnet.yaml` and
`recipes/ckplus/vae_resnet.yaml` say.
"""

from gcnet_core.data.albums import with_albums
from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.data_validation.album_alone import albums_alone
from gcnet_core.plugin_api import discover
from gcnet_core.recipe import load_recipe

OTHER, ANY = "album.source=other_session", "album.source=any"
CALM = "album.pictures=references"
DRAWN = ("data.subjects=70", "data.sessions=2", "data.images_per_expression=1")
RULES = {
    "AR, other session": ("ar/vae_resnet", OTHER),
    "AR, any picture": ("ar/vae_resnet", ANY),
    "AR, all other pictures": ("ar/vae_resnet", ANY, "album.size=7", "album.smallest=7"),
    "CK+, other sequences": ("album/ckplus/album", OTHER),
    "CK+, any picture": ("album/ckplus/album", ANY),
    "CK+, calm first frames of other sequences": ("album/ckplus/album", OTHER, CALM),
    "CK+, calm first frames": ("album/ckplus/album", ANY, CALM),
    "drawn, two sessions as in KDEF, other session": ("vae_resnet", *DRAWN, OTHER),
    "drawn, two sessions as in KDEF, any picture": ("vae_resnet", *DRAWN, ANY),
    "drawn, one session, any picture": ("vae_resnet", "data.images_per_expression=1", ANY),
    "drawn, three expressions a session, other session": (
        "vae_resnet", *DRAWN, "data.sessions=4", "data.expressions_per_session=3", OTHER,
    ),
}  # fmt: skip


def main() -> None:
    """Print accuracy, chance and p for each rule."""
    registry = discover()
    print("| albums | seen | accuracy, % | chance, % | p |\n|---|---|--:|--:|--:|")
    for rule, (name, *overrides) in RULES.items():
        recipe = load_recipe(name, overrides, registry)
        listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
        table = with_albums(load_faces(listing, recipe.image), recipe)
        for entry in albums_alone(table, pictures=True):
            figures = f"{100 * entry.accuracy:.1f} | {100 * entry.chance:.1f} | {entry.p:.2g}"
            print(f"| {rule} | {entry.seen} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
