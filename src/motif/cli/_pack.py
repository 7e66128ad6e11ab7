"""`motif pack`: packs for devices on the shelf `artifacts/`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._console import JsonOption, counted, print_json, print_table, say

if TYPE_CHECKING:
    from motif.bundles.targets import Verdict

__all__ = ["pack_app", "print_verdict"]

pack_app = typer.Typer(
    no_args_is_help=True, help="Pack a recognizer for devices: create, verify, list, clean, archive, extract, key."
)

ShelfOption = typer.Option("--artifacts", help="The folder of packs.")
HashArgument = typer.Argument(help="Four or more digits of a pack's hash, or its folder.")
SHELF = Path("artifacts")


@pack_app.command("create")
def create_command(
    model: Annotated[Path, typer.Option(help="A bundle folder; or .keras, .pth, .safetensors with --like.")],
    like: Annotated[Path | None, typer.Option(help="The bundle of the same architecture.")] = None,
    config: Annotated[Path | None, typer.Option(help="The experiment file; it travels along.")] = None,
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    calibration: Annotated[Path | None, typer.Option(help="Windows for compilers to learn ranges from.")] = None,
    key: Annotated[Path | None, typer.Option(help="Sign with this private key.")] = None,
    artifacts: Annotated[Path, ShelfOption] = SHELF,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Pack MODEL into `artifacts/HASH/`; the same content gets the same name.

    Example: `motif pack create --model my-bundle --name dogs_v1`
    """
    from motif.bundles.pack import create
    from motif.cli._open import open_dataset
    from motif.errors import MissingFileError

    if config is not None and not config.is_file():
        raise MissingFileError(config, want="an experiment file")
    made = create(
        model,
        artifacts,
        like=like,
        name=name,
        experiment=None if config is None else config.read_text(encoding="utf-8"),
        calibration=None if calibration is None else open_dataset(calibration).X,
        key=key,
    )
    show_created(made, as_json=as_json)


def show_created(pack: Any, *, as_json: bool) -> None:
    """Print where a pack is and, for people, what it holds for which device."""
    import json

    if as_json:
        print_json(pack.to_dict())
        return
    said = json.loads((pack.path / "targets.json").read_text(encoding="utf-8"))
    for target, sentence in said.items():
        say(f"[bold]{target}[/] ", sentence)
    typer.echo(pack.hash)


@pack_app.command("verify")
def verify_command(
    short: Annotated[str, HashArgument],
    target: Annotated[str, typer.Option(help="onnx, tflite, coreml or hailo.")] = "onnx",
    windows: Annotated[
        Path | None, typer.Option(help="Real windows to compare the answers on; else simulated or reference ones.")
    ] = None,
    gates: Annotated[Path | None, typer.Option(help="Thresholds other than the experiment's, in YAML.")] = None,
    public_key: Annotated[str | None, typer.Option(help="Refuse what is not signed with this key.")] = None,
    artifacts: Annotated[Path, ShelfOption] = SHELF,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Check a pack for TARGET: operations, shapes, size, agreement, latency, quality. Exits with 1 where one fails.

    Example: `motif pack verify 3f2a --target hailo`
    """
    from motif.bundles.pack import check_signature, find
    from motif.bundles.targets import Gates, verify
    from motif.cli._open import open_dataset
    from motif.experiments import comparison_windows

    path = find(short, artifacts)
    if public_key is not None:
        check_signature(path, public_key)
    X = comparison_windows(path) if windows is None else open_dataset(windows).X
    wanted = None if gates is None else Gates.load(gates)
    print_verdict(verify(path, target, gates=wanted, windows=X), as_json=as_json)


def print_verdict(verdict: Verdict, *, as_json: bool) -> None:
    """Print what was found, and leave with its exit code."""
    if as_json:
        print_json(verdict.to_dict())
    else:
        words = {True: "passed", False: "FAILED", None: "not told"}
        rows = [(check.name, words[check.passed], check.note) for check in verdict.checks]
        print_table(f"{verdict.bundle} for {verdict.target}", ("check", "result", "note"), rows)
        say("gates: ", verdict.gates_of)
    raise typer.Exit(verdict.exit_code)


@pack_app.command("list")
def list_command(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Full hashes, files, folders.")] = False,
    artifacts: Annotated[Path, ShelfOption] = SHELF,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """List the packs on the shelf, the newest first.

    Example: `motif pack list`
    """
    from motif.bundles.pack import damaged, packs

    found = packs(artifacts)
    for path in damaged(artifacts):
        say("[yellow]damaged[/] ", f"{path}: not listed; `motif pack verify` says why")
    if as_json:
        print_json({"packs": [pack.to_dict() for pack in found]})
        return
    columns: tuple[str, ...] = ("hash", "name", "MB", "targets", "signed")
    rows: list[tuple[object, ...]] = []
    for pack in found:
        signed = "yes" if pack.is_signed else "no"
        short = pack.hash if verbose else pack.hash[:8]
        row = (short, pack.name, pack.size_bytes / 1e6, ", ".join(pack.targets), signed)
        rows.append((*row, pack.recognizer, pack.n_files, str(pack.path)) if verbose else row)
    if verbose:
        columns = (*columns, "recognizer", "files", "folder")
    print_table(f"{artifacts}, {counted(len(found), 'pack')}", columns, rows)


@pack_app.command("clean")
def clean_command(
    keep: Annotated[int, typer.Option(min=0, help="How many of the newest stay.")] = 5,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    artifacts: Annotated[Path, ShelfOption] = SHELF,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Remove all packs but the newest.

    Example: `motif pack clean --keep 3 --dry-run`
    """
    from motif.bundles.pack import clean

    paths = clean(artifacts, keep=keep, dry_run=dry_run)
    if as_json:
        print_json({"removed": not dry_run, "packs": [str(path) for path in paths]})
        return
    for path in paths:
        typer.echo(f"{'would remove' if dry_run else 'removed'} {path}")


@pack_app.command("archive")
def archive_command(
    short: Annotated[str, HashArgument],
    format: Annotated[str, typer.Option("--format", help="zip.")] = "zip",
    out: Annotated[Path | None, typer.Option(help="The file to write; beside the pack by default.")] = None,
    artifacts: Annotated[Path, ShelfOption] = SHELF,
) -> None:
    """Write a pack as one file.

    Example: `motif pack archive 3f2a --out dogs.zip`
    """
    from motif.bundles.pack import archive

    typer.echo(str(archive(short, artifacts, format=format, out=out)))


@pack_app.command("extract")
def extract_command(
    file: Annotated[Path, typer.Argument(help="A file that `archive` wrote.")],
    artifacts: Annotated[Path, ShelfOption] = SHELF,
) -> None:
    """Put the pack in FILE on the shelf; nothing is written before all of it is checked.

    Example: `motif pack extract dogs.zip`
    """
    from motif.bundles.pack import extract

    typer.echo(extract(file, artifacts).name)


@pack_app.command("key")
def key_command(file: Annotated[Path, typer.Argument(help="Where to write the private key; keep it here.")]) -> None:
    """Make a key to sign packs with, and print its public half.

    Example: `motif pack key keep-me.pem`, then `motif pack create --model my-bundle --key keep-me.pem`
    """
    from motif.bundles.pack import new_key

    typer.echo(new_key(file))
