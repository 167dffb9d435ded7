"""The docs are true: every hook, option, command and key occurs; links and named files exist; pages are current."""

import importlib
import json
import re
from pathlib import Path

import pytest

from gcnet_core.interfaces.kinds import base_of
from gcnet_core.plugin_api import KINDS, Registry, hookspec
from gcnet_core.recipe import json_schema, shipped_recipes
from gcnet_core.testing import checks_of
from tests.conftest import ROOT
from tests.runs import commands, gcnet

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/**/README.md")])
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}
EVERYTHING = "\n".join(TEXT.values())


def test_the_pages_made_of_code_are_up_to_date(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "docs")
    reference = importlib.import_module("make_reference").page(registry)
    assert reference == TEXT[ROOT / "docs" / "reference.md"], "run: python docs/make_reference.py"
    api = importlib.import_module("make_api").page()
    assert api == TEXT[ROOT / "docs" / "api.md"], "run: python docs/make_api.py"


def test_every_recipe_key_and_option_occurs(registry: Registry) -> None:
    text = TEXT[ROOT / "docs" / "reference.md"]

    def keys(schema: object) -> set[str]:
        if isinstance(schema, list):
            return set().union(*map(keys, schema))
        if not isinstance(schema, dict):
            return set()
        return set(schema.get("properties", {})) | set().union(*map(keys, schema.values()))

    found = keys(json_schema(registry))
    assert len(found) > 80
    assert not [key for key in found if f"`{key}`" not in text]


def test_every_hook_part_and_kind_occurs(registry: Registry) -> None:
    hooks = [name for name, value in vars(hookspec).items() if hasattr(value, "gcnet_spec")]
    assert hooks == ["gcnet_components", "gcnet_models"]
    for word in (*hooks, *KINDS, *(name for _, name in registry.parts)):
        assert f"`{word}`" in EVERYTHING, word


def test_every_check_of_the_contract_and_every_base_class_occurs() -> None:
    for kind in KINDS:
        assert f"## Kind: {kind}\n" in TEXT[ROOT / "docs" / "api.md"]
        assert f"### `{base_of(kind).__name__}`\n" in TEXT[ROOT / "docs" / "api.md"]
        for check in checks_of(kind):
            assert f"| `{check.name}` | {check.promise} |" in TEXT[ROOT / "docs" / "api.md"]


@pytest.mark.parametrize("command", commands()[1:], ids=" ".join)
def test_every_command_and_its_options_occur(command: tuple[str, ...]) -> None:
    page = TEXT[ROOT / "docs" / "commands.md"]
    assert f"gcnet {' '.join(command)}" in page
    options = set(re.findall(r"--[a-z-]+", gcnet(*command, "--help").stdout))
    assert "--help" in options
    for option in options - {"--help"}:
        assert f"`{option}" in page, option


def test_every_shipped_recipe_occurs() -> None:
    for name in shipped_recipes():
        assert f"`{name}`" in EVERYTHING or f"recipes/{name}.yaml" in EVERYTHING, name


LINK = r"\]\(([^)#]+)(?:#[^)]*)?\)"
FILE = r"\b((?:gcnet_core|plugins|recipes|tests|docs)/[\w/.-]+\.(?:py|yaml|md|json))\b"


def test_there_are_links_and_named_files() -> None:
    assert len(re.findall(LINK, EVERYTHING)) > 20
    assert len(re.findall(FILE, EVERYTHING)) > 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(LINK, TEXT[page]):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_into_a_page_lead_to_a_heading(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!http)([^)#]*)#([^)]*)\)", TEXT[page]):
        assert anchor in anchors(TEXT[(page.parent / target).resolve() if target else page]), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_files_of_the_project_exist(page: Path) -> None:
    own = set(re.findall(r'title="([^"]+)"', TEXT[page]))  # files that the reader writes
    for name in set(re.findall(FILE, TEXT[page])) - own:
        assert (ROOT / name).exists(), name


def test_yaml_in_the_docs_fits_the_schema(registry: Registry) -> None:
    import jsonschema
    from ruamel.yaml import YAML

    blocks = [block for text in TEXT.values() for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    assert blocks
    for block in blocks:
        jsonschema.validate(YAML(typ="safe", pure=True).load(block), json_schema(registry))


def test_contributing_fits_one_screen() -> None:
    assert len(TEXT[ROOT / "CONTRIBUTING.md"].splitlines()) <= 40


def test_the_changelog_names_this_version() -> None:
    from gcnet_core import __version__

    assert f"## {__version__}" in TEXT[ROOT / "CHANGELOG.md"]
    assert json.dumps(__version__).strip('"') in (ROOT / "pyproject.toml").read_text()
