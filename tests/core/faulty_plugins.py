"""Plugins with one fault each, and the reason for which they are broken."""

from tests.core.conftest import GOOD, HEAD

HOOK = HEAD + "@hookimpl\ndef gcnet_components():\n"
LOSS = GOOD.replace("GeneratorConfig", "LossConfig").replace('"generator"', '"loss"')


def changed(old: str, new: str, text: str = GOOD) -> str:
    """A good plugin with one thing put in another's place."""
    assert old in text
    return text.replace(old, new)


FAULTS: dict[str, tuple[str, str]] = {
    "import_error": ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
    "syntax_error": ("def :", "SyntaxError: invalid syntax"),
    "exit": ("raise RuntimeError('told\\n   twice')", "RuntimeError: told twice"),
    "misspelt": (changed("gcnet_components", "gcnet_component"), "unknown hook 'gcnet_component'"),
    "undecorated": (changed("@hookimpl", ""), "ValueError: has no hook gcnet_components; decorate it with"),
    "wrong_type": (HOOK + "    return ['mirror']", "returned 'mirror' instead of"),
    "raises": (HOOK + "    1 / 0", "ZeroDivisionError: division by zero"),
    "future": (
        changed('summary="flips"', 'summary="flips", api_version=2'),
        "part mirror was written for plugin API 2, this gcnet has 1; install a matching version of the plugin",
    ),
    "kind": (changed('"generator"', '"generater"'), "ValueError: unknown kind 'generater' of part 'mirror'; kinds"),
    "kind_number": (changed('"generator"', "7"), "ValueError: unknown kind 7 of part 'mirror'"),
    "kind_list": (changed('"generator"', "[]"), "ValueError: unknown kind [] of part 'mirror'"),
    "target": (changed(":Mirror", ".Mirror"), "is not of the form module:Class"),
    "no_target": (changed('"{module}:Mirror"', "None"), "target None of part 'mirror' is not of the form"),
    "no_module": (
        changed("{module}:", "nowhere.at.all:"),
        "there is no module nowhere.at.all, which target 'nowhere.at.all:Mirror' of generator/mirror names",
    ),
    "no_submodule": (changed("{module}:", "{module}.part:"), "there is no module broken_no_submodule.part, which"),
    "name_slash": (changed('"mirror"', '"a/b"'), "name 'a/b' of a generator is not made of letters, digits, _ and"),
    "name_number": (changed('"mirror"', "7"), "name 7 of a generator is not made of letters, digits, _ and -"),
    "name_empty": (changed('"mirror"', '""'), "name '' of a generator is not made of letters"),
    "config_dict": (
        changed("config=Config", "config=dict"),
        "config <class 'dict'> of part 'mirror' is no class derived from GeneratorConfig",
    ),
    "config_none": (changed("config=Config", "config=None"), "config None of part 'mirror' is no class derived"),
    "config_object": (changed("config=Config", "config=Config()"), "of part 'mirror' is no class derived from"),
    "config_kind": (changed('"generator"', '"loss"'), "of part 'mirror' is no class derived from LossConfig"),
    "no_summary": (changed('"flips"', '" "'), "summary ' ' of part 'mirror' is not one line of text"),
    "summary_number": (changed('"flips"', "7"), "summary 7 of part 'mirror' is not one line of text"),
    "two_lines": (changed('"flips"', '"a\\nb"'), "of part 'mirror' is not one line of text"),
    "source_none": (changed('summary="flips"', 'summary="flips", source=None'), "source None of part 'mirror' is no"),
    "returns_number": (HOOK + "    return 7", "gcnet_components returned 7 instead of a list of ComponentSpec"),
    "returns_none": (HOOK + "    pass", "gcnet_components returned None instead of a list of ComponentSpec"),
    "twice": (
        changed("return [", "return 2 * ["),
        "ValueError: gcnet_components returned 2 parts called generator/mirror; give each a name of its own",
    ),
    "generator_raises": (
        HOOK + "    yield from ()\n    raise KeyError('x')",
        "KeyError: 'x' (FOLDER/broken_gener",
    ),
    "base_exception": (
        "class Stop(BaseException): ...\nraise Stop('now')",
        "Stop: now (FOLDER/broken_base_exception.py:2)",
    ),
    "sys_exit": ("import sys\nsys.exit(3)", "it ended the process by sys.exit(3) (FOLDER/broken_sys_exit.py:2)"),
    "hook_exits": (HOOK + "    raise SystemExit", "it ended the process by sys.exit() (FOLDER/broken_hook_exits.py:"),
    "no_annotation": (
        HEAD + "    width = 8",
        "`width` has no type; write `width: TYPE = Field(DEFAULT, description=...)` for an option, "
        "`width: ClassVar[TYPE] = ...` for what is none (FOLDER/broken_no_annotation.py:4)",
    ),
    "outputs": (
        changed("'''Options.'''", "required_outputs = ('reference',)", LOSS),
        "Config.required_outputs of part 'mirror' is ('reference',); expected a set such as frozenset({'name'})",
    ),
    "tags": (
        changed("'''Options.'''", "tags = frozenset({'slow'})"),
        "Config.tags of part 'mirror' has 'slow', which is none; there are needs_gpu, stochastic",
    ),
    "unheard_type": (
        changed("'''Options.'''", "width: 'Unheard' = 8"),
        "PydanticUndefinedAnnotation: name 'Unheard' is not defined",
    ),
}
"""By name, the text of a plugin and the reason for which it is broken."""
