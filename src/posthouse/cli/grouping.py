"""Groups of commands, each loaded when one of its commands is asked for: help alone stays quick."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


class Later(TyperGroup):
    """A group whose commands stand in the module of its name, as `posthouse.cli.keys`."""

    _found: Any = None

    @property
    def commands(self) -> Any:  # noqa: ANN401 - as `Frame.invoke`
        """Its commands by their names."""
        if self._found is None:
            module = import_module(f"posthouse.cli.{self.name}")
            module.app.rich_markup_mode = self.rich_markup_mode
            self._found = typer.main.get_group(module.app).commands
        return self._found

    @commands.setter
    def commands(self, none: object) -> None:
        """The group is made without any."""


def later() -> typer.Typer:
    """Such a group, to be added under the name of its module."""
    return typer.Typer(cls=Later, no_args_is_help=True)
