"""The command `motif`: what can be asked of it."""

from __future__ import annotations

from motif.cli._commands import EXIT_CODES, command_line, common_options
from motif.cli._compare import compare_command
from motif.cli._convert import convert_command
from motif.cli._demo import demo_command
from motif.cli._discover import discover_command, label_command
from motif.cli._evaluate import evaluate_command
from motif.cli._gestures import gestures_app
from motif.cli._import import import_command
from motif.cli._info import info_command
from motif.cli._live import live_command
from motif.cli._logs import logs_app
from motif.cli._pack import pack_app
from motif.cli._pair import pair_command
from motif.cli._personalize import personalize_command
from motif.cli._predict import predict_command
from motif.cli._record import record_command
from motif.cli._runs import runs_app
from motif.cli._serve import serve_command
from motif.cli._simulate import simulate_command
from motif.cli._sweep import sweep_command
from motif.cli._synchrony import synchrony_command
from motif.cli._teach import teach_command
from motif.cli._train import train_command

__all__ = ["EXIT_CODES", "app", "main"]

app = command_line()
app.callback(help="Turn motion into named events. Start with `motif demo`.")(common_options)

_BEGIN, _LEARN, _LIVE, _BEHAVIOUR, _SHIP = "Begin", "Learn and judge", "Gestures, live", "Behaviour", "Ship"
app.command("demo", rich_help_panel=_BEGIN)(demo_command)
app.command("simulate", rich_help_panel=_BEGIN)(simulate_command)
app.command("import", rich_help_panel=_BEGIN)(import_command)
app.command("info", rich_help_panel=_BEGIN)(info_command)
app.command("train", rich_help_panel=_LEARN)(train_command)
app.command("evaluate", rich_help_panel=_LEARN)(evaluate_command)
app.command("compare", rich_help_panel=_LEARN)(compare_command)
app.command("sweep", rich_help_panel=_LEARN)(sweep_command)
app.command("personalize", rich_help_panel=_LEARN)(personalize_command)
app.command("predict", rich_help_panel=_LEARN)(predict_command)
app.add_typer(runs_app, name="runs", rich_help_panel=_LEARN)
app.command("pair", rich_help_panel=_LIVE)(pair_command)
app.command("record", rich_help_panel=_LIVE)(record_command)
app.command("teach", rich_help_panel=_LIVE)(teach_command)
app.command("live", rich_help_panel=_LIVE)(live_command)
app.add_typer(gestures_app, name="gestures", rich_help_panel=_LIVE)
app.command("discover", rich_help_panel=_BEHAVIOUR)(discover_command)
app.command("label", rich_help_panel=_BEHAVIOUR)(label_command)
app.command("synchrony", rich_help_panel=_BEHAVIOUR)(synchrony_command)
app.command("convert", rich_help_panel=_SHIP)(convert_command)
app.add_typer(pack_app, name="pack", rich_help_panel=_SHIP)
app.command("serve", rich_help_panel=_SHIP)(serve_command)
app.add_typer(logs_app, name="logs", rich_help_panel=_SHIP)


def main() -> None:
    """Run the command line."""
    app()
