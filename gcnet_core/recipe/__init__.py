"""Recipes: schema, loading with positions, overrides, messages. Nothing here imports torch; a test says so."""

from gcnet_core.recipe.candidates import Candidate, load_candidates
from gcnet_core.recipe.json_schema import json_schema
from gcnet_core.recipe.load import dump_recipe, find_recipe, load_recipe, recipe_hash, resolved, stored_recipe
from gcnet_core.recipe.overview import Overview, overview
from gcnet_core.recipe.part_versions import changed_parts, part_versions
from gcnet_core.recipe.problems import RecipeError, RecipeProblem
from gcnet_core.recipe.schema import Recipe
from gcnet_core.recipe.shipped import shipped_folder, shipped_recipes

__all__ = [
    "Candidate",
    "Overview",
    "Recipe",
    "RecipeError",
    "RecipeProblem",
    "changed_parts",
    "dump_recipe",
    "find_recipe",
    "json_schema",
    "load_candidates",
    "load_recipe",
    "overview",
    "part_versions",
    "recipe_hash",
    "resolved",
    "shipped_folder",
    "shipped_recipes",
    "stored_recipe",
]
