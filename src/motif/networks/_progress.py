"""A progress bar with the time left, for whoever asks for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from motif.networks._training import Epoch

__all__ = ["reporter"]


@contextmanager
def reporter(progress: bool | Callable[[Epoch], None]) -> Iterator[Callable[[Epoch], None] | None]:
    """Give what is called after each epoch: nothing, the caller's own function, or a bar on standard error."""
    if not isinstance(progress, bool):
        yield progress
    elif not progress:
        yield None
    else:
        with _bar() as report:
            yield report


@contextmanager
def _bar() -> Iterator[Callable[[Epoch], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[figures]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks = {}

        def report(epoch: Epoch) -> None:
            if epoch.stage not in tasks:
                tasks[epoch.stage] = bar.add_task(epoch.stage, total=epoch.epochs, figures="")
            bar.update(tasks[epoch.stage], completed=epoch.epoch, figures=_figures(epoch))

        yield report


def _figures(epoch: Epoch) -> str:
    if epoch.held_out_accuracy is None:
        return f"loss {epoch.loss:.3f}"
    return f"loss {epoch.loss:.3f}, held out {epoch.held_out_accuracy:.1%}"
