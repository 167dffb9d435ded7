"""How far two real neutral pictures of one person are from each other, beside how far an expression is from rest (AR).

A generated reference is judged by its squared error; this says what a second photograph would get.
Run `python tests/benchmarks/reference_floor.py`; it needs AR, as `recipes/ar/vae_resnet.yaml` says.
"""

from gcnet_core.data.faces import UNKNOWN
from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.plugin_api import discover
from gcnet_core.recipe import load_recipe


def main() -> None:
    """Print mean squared differences of whole pictures."""
    registry = discover()
    recipe = load_recipe("ablation/ar/given", registry=registry)
    table = load_faces(list_samples(recipe.data_sets, recipe.labels, recipe.image, registry), recipe.image)
    images = table.images.float() / 255
    print("| expression of the query | to the neutral picture of its session | to that of the other session |")
    print("| --- | --: | --: |")
    for index, name in enumerate(table.classes):
        cells = []
        for reference in (table.reference, table.true_reference):
            rows = (table.label == index) & (reference != UNKNOWN) & (reference != table.query)
            error = (images[table.query[rows]] - images[reference[rows]]).square().mean()
            cells.append(f"{error:.4f}" if rows.any() else "itself")
        print(f"| {name} | {cells[0]} | {cells[1]} |")


if __name__ == "__main__":
    main()
