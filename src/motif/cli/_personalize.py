"""`motif personalize`: a bundle and a few windows of one person in, that person's bundle out, if it is better."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._console import GroupsOption, JsonOption, print_json, print_table, progress, say

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motif.bundles import BundleRecognizer
    from motif.networks import CalibrationConfig, NetworkClassifier, PersonalizationResult
    from motif.recordings import Dataset

__all__ = ["personalize_command"]

NO_GAIN = 1
"""Exit code where the base stays."""


def personalize_command(
    bundle: Annotated[Path, typer.Argument(help="The folder of the base's bundle; it is only read.")],
    dataset: Annotated[Path, typer.Argument(help="Labelled windows of one person, in order of recording.")],
    out: Annotated[Path, typer.Option(help="The folder of the person's bundle.")],
    groups: Annotated[str | None, GroupsOption] = None,
    strategy: Annotated[
        str,
        typer.Option(help="What stays: head_only all but the head, last_block the first 60 %, half the first 50 %."),
    ] = "head_only",
    min_samples: Annotated[int, typer.Option(min=2, help="As many windows of each gesture are asked for.")] = 5,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace what stands at OUT, if the new one helps.")
    ] = False,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Adapt BUNDLE to the person of DATASET and write OUT, judged on windows that were not learnt from.

    Where that does not help nothing is written, what stands at OUT stays, and the exit code is 1.

    Examples: `motif personalize everybody anna.npz --out anna`, `motif personalize b people.npz --groups p4 --out p4`
    """
    from motif.bundles import load
    from motif.cli._open import check_channels, open_dataset
    from motif.cli._place import check_out
    from motif.networks import CalibrationConfig, NetworkClassifier

    _check_not_the_base(bundle, out)
    check_out(out, known_by="manifest.json", replace=replace)
    base, data = load(bundle), open_dataset(dataset, groups)
    check_channels(base, data)
    network = NetworkClassifier.load(bundle)
    config = CalibrationConfig(freeze_strategy=strategy, min_samples_per_gesture=min_samples)  # type: ignore[arg-type]
    own, result = _adapted(network, base, data, config)
    if result.success:
        _pack(own, base, data, result, out)
        say("[green]written[/] ", f"{out}: {result.message}")
    else:
        say("[yellow]nothing written[/] ", result.message)
    if as_json:
        print_json(result.to_dict() | {"bundle": str(out) if result.success else None})
    else:
        _print(result, data)
    if not result.success:
        raise typer.Exit(NO_GAIN)


def _check_not_the_base(bundle: Path, out: Path) -> None:
    from motif.errors import ConfigError

    if bundle.resolve() in (out.resolve(), *out.resolve().parents):
        raise ConfigError(f"{out} is the base's; choose another --out, the base stays as it is")


def _adapted(
    network: NetworkClassifier, base: BundleRecognizer, data: Dataset, config: CalibrationConfig
) -> tuple[NetworkClassifier, PersonalizationResult]:
    from motif.networks import personalize

    with progress() as display:
        tasks: dict[str, Any] = {}

        def move(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = display.add_task(f"judging {stage}")
            display.update(tasks[stage], completed=done, total=total)

        groups = data.groups if len(data.group_names) > 1 else None
        labels, names = _labels(network, base, data), base.classes_.tolist()
        return personalize(network, data.X, labels, groups, class_names=names, config=config, progress=move)


def _labels(network: NetworkClassifier, base: BundleRecognizer, data: Dataset) -> NDArray[np.generic]:
    """Return the network's own label of each window; the bundle may call the same class by a name."""
    from motif.errors import LabelError

    own = dict(zip(base.classes_.tolist(), range(len(base.classes_)), strict=True))
    if unknown := sorted(set(data.labels.tolist()) - set(own)):
        raise LabelError(
            f"{data.name} holds {', '.join(unknown)}; the bundle knows {', '.join(own)}: leave them out or rename them"
        )
    labels: NDArray[np.generic] = network.classes_[[own[label] for label in data.labels.tolist()]]
    return labels


def _pack(
    own: NetworkClassifier, base: BundleRecognizer, data: Dataset, result: PersonalizationResult, out: Path
) -> None:
    window = base.config.window
    own.save(
        out,
        name=f"{base.config.name}, personal"[:100],
        class_names=base.classes_.tolist(),
        window=window.model_dump(exclude={"shape"}),
        metrics={"personal": result.to_dict()},
        data={
            "name": data.name,
            "windows": data.n_windows,
            "groups": list(data.group_names),
            "samples": result.sample_counts,
            "split": result.judged,
            "base": {"name": base.config.name, "content_hash": base.manifest.content_hash, "data": base.config.data},
            "adapted": time.strftime("%Y-%m-%d", time.gmtime()),
        },
    )


def _print(result: PersonalizationResult, data: Dataset) -> None:
    rows = [(g.name, g.n, _share(g.before), _share(g.after)) for g in result.gestures]
    low, high = result.interval
    total = sum(gesture.n for gesture in result.gestures)
    rows.append(("all", total, _share(result.accuracy_before), _share(result.accuracy_after)))
    print_table(
        f"{data.name}: {result.improvement:+.1%} ({low:+.1%} to {high:+.1%}), {result.judged}",
        ("gesture", "windows", "base", "own" if result.success else "own, dropped"),
        rows,
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"
