"""An error of a part is one sentence that names it; one of gcnet keeps its traceback; `--traceback` shows all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gcnet_core.plugin_api import Registry, discover, plugin_fault
from tests.core.conftest import GOOD
from tests.runs import SMALL, gcnet, write_recipe

MIRROR = (
    GOOD
    + """
from gcnet_core.interfaces import Generator
from mirror_tools import weigh

class Mirror(Generator):
    def forward(self, query):
        return weigh(query)
"""
)
RECIPE = SMALL.replace("{type: vae, channels: 4, latent: 8}", "{type: mirror}")
STAGE = ("--set", "training.stages.generator=null", "--smoke", "--plugin", "my_mirror.py", "--output", "run")


def raised(call: Callable[[], Any]) -> BaseException:
    try:
        call()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


class Built:
    origin = "the loss mine of gcnet-mine 0.1"

    def forward(self, fault: BaseException) -> None:
        self.deeper(fault)

    @staticmethod
    def deeper(fault: BaseException) -> None:
        raise fault


def test_a_built_part_is_to_blame_for_what_its_methods_raise() -> None:
    fault = plugin_fault(raised(lambda: Built().forward(ValueError("so\n  wide"))))
    assert fault is not None
    assert str(fault).startswith("the loss mine of gcnet-mine 0.1 raised ValueError: so wide, in Built.forward (")
    assert str(fault).endswith("; --traceback shows the whole")
    assert isinstance(fault.__cause__, ValueError)


def test_the_innermost_part_is_to_blame() -> None:
    class Outer(Built):
        origin = "the model whole of gcnet-whole 2"

        def forward(self, fault: BaseException) -> None:
            Built().forward(fault)

    fault = plugin_fault(raised(lambda: Outer().forward(KeyError("x"))))
    assert "the loss mine of gcnet-mine 0.1 raised KeyError: 'x'" in str(fault)


def test_options_and_modules_of_strangers_are_to_blame(install: Callable[..., Registry]) -> None:
    text = GOOD.replace("'''Options.'''", "def loud(self):\n        return {}['no']")
    registry = install(fault_mine=text + "\ndef helper():\n    return [][1]\n")
    spec = registry.get("generator", "mirror")
    fault = plugin_fault(raised(lambda: spec.config().loud()))  # type: ignore[attr-defined]
    assert "the generator mirror of gcnet-fault_mine 1.2 raised KeyError: 'no', in Config.loud (" in str(fault)
    import fault_mine

    assert "of gcnet-fault_mine 1.2 raised IndexError" in str(plugin_fault(raised(fault_mine.helper)))


def test_a_class_that_is_missing_is_the_parts_fault(install: Callable[..., Registry]) -> None:
    registry = install(missing_class=GOOD)
    fault = plugin_fault(raised(registry.get("generator", "mirror").load))
    assert "the generator mirror of gcnet-missing_class 1.2 raised ImportError" in str(fault)


def test_nobody_is_to_blame_for_what_gcnet_does() -> None:
    discover()
    assert plugin_fault(raised(lambda: 1 / 0)) is None
    assert plugin_fault(raised(lambda: Path("/nowhere").read_text())) is None
    assert plugin_fault(SystemExit(3)) is None


@pytest.fixture
def mirror(tmp_path: Path) -> Callable[..., Any]:
    """Runs a recipe with a generator of a local file, by which a helper is called."""

    def call(body: str, *words: str) -> Any:
        (tmp_path / "my_mirror.py").write_text(MIRROR.replace("{module}", "my_mirror").replace(
            "from mirror_tools import weigh", f"def weigh(query):\n    {body}\n"
        ))  # fmt: skip
        recipe = write_recipe(tmp_path, RECIPE)
        return gcnet("run", recipe, *STAGE, *words, folder=tmp_path)

    return call


def test_the_traceback_follows_if_it_is_asked_for(mirror: Any) -> None:
    answer = mirror("raise RuntimeError('no light')", "--traceback")
    assert answer.returncode == 2
    sentence = "the generator mirror of my_mirror.py raised RuntimeError: no light, in weigh ("
    assert sentence in answer.stderr.partition("Traceback")[0]
    assert "in forward\n    return weigh(query)" in answer.stderr
    assert "RuntimeError: no light\n" in answer.stderr


def test_a_part_cannot_end_the_process_in_silence(mirror: Any) -> None:
    answer = mirror("raise SystemExit(0)")
    assert answer.returncode == 2
    assert "the generator mirror of my_mirror.py raised SystemExit: 0, in weigh (" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_traceback_of_a_sentence(tmp_path: Path) -> None:
    plain, whole = (gcnet(*words) for words in (("run", "nothing"), ("--traceback", "run", "nothing")))
    assert plain.returncode == whole.returncode == 2
    assert whole.stderr.startswith(plain.stderr + "Traceback (most recent call last):")
