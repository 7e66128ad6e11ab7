"""The tables of `docs/commands.md`, made from the help of each command: `python -m tests.cli.command_tables`."""

from enum import EnumMeta
from pathlib import Path

from tests.made_pages import with_part
from typer.main import get_command

from motif.cli._app import app

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
BEGIN, END = "<!-- commands: python -m tests.cli.command_tables -->", "<!-- end of commands -->"


def tables():
    panels = {}
    for name, command in get_command(app).commands.items():
        panels.setdefault(command.rich_help_panel, []).extend(_sections(f"motif {name}", command))
    return "\n\n".join("\n\n".join([f"## {panel}", *sections]) for panel, sections in panels.items())


def _sections(name, command):
    if hasattr(command, "commands"):
        return [each for sub, below in command.commands.items() for each in _sections(f"{name} {sub}", below)]
    about = [" ".join(part.split()) for part in command.help.split("\n\n")]
    rows = [f"| {_written(param)} | {_meant(param)} |" for param in command.params]
    return [f"### `{name}`", *about, "\n".join(["| what | what it is |", "|---|---|", *rows])]


def _written(param):
    if param.param_type_name == "argument":
        return param.name.upper()
    return ", ".join(f"`{name}`" for name in (*param.opts, *param.secondary_opts))


def _meant(param):
    parts = [" ".join((param.help or "").split()).replace("|", "\\|")]
    if isinstance(kind := param.type_descriptor.annotation, EnumMeta):
        parts.append(f"One of {', '.join(each.value for each in kind)}.")
    if param.required and param.param_type_name == "option":
        parts.append("Must be given.")
    if param.default not in (None, ()) and not isinstance(param.default, bool):
        parts.append(f"Default: `{getattr(param.default, 'value', param.default)}`.")
    return " ".join(parts)


def page():
    return with_part(PAGE, BEGIN, END, tables())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
