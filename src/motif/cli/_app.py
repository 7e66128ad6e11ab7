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
app.callback(help="Turn motion into named events. Start with **motif demo**.")(common_options)
app.command("demo")(demo_command)
app.command("simulate")(simulate_command)
app.command("import")(import_command)
app.command("info")(info_command)
app.command("train")(train_command)
app.command("evaluate")(evaluate_command)
app.command("compare")(compare_command)
app.command("sweep")(sweep_command)
app.command("convert")(convert_command)
app.command("personalize")(personalize_command)
app.command("predict")(predict_command)
app.command("pair")(pair_command)
app.command("record")(record_command)
app.command("live")(live_command)
app.command("serve")(serve_command)
app.command("teach")(teach_command)
app.command("discover")(discover_command)
app.command("label")(label_command)
app.command("synchrony")(synchrony_command)
app.add_typer(gestures_app, name="gestures")
app.add_typer(logs_app, name="logs")
app.add_typer(runs_app, name="runs")
app.add_typer(pack_app, name="pack")


def main() -> None:
    """Run the command line."""
    app()
