"""Errors that a user can put right; parts import them from `gcnet_core.plugin_api`."""


class UserError(Exception):
    """Something the user gave is wrong. The text says what, where, and what to do; the command exits with code 2."""


class MissingData(UserError):
    """The files of a data set are not where the recipe says. The text says what to put where."""


class PluginError(UserError):
    """A plugin cannot be used. The text says which one, why, and what to do."""


class RunFailed(Exception):
    """A run cannot go on. The text says why and what was kept; the command exits with code 1."""


class UnknownPart(UserError):
    """No usable part has this kind and name."""
