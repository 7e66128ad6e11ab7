"""`motif serve`: bundles that answer over HTTP, WebSocket and MQTT."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from motif.cli._console import say

__all__ = ["serve_command"]


def serve_command(
    ctx: typer.Context,
    bundles: Annotated[list[Path] | None, typer.Argument(help="Folders of bundles.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; this machine alone by default.")] = None,
    port: Annotated[int | None, typer.Option(help="0 takes any that is free; 8080 by default.")] = None,
    bundles_dir: Annotated[Path | None, typer.Option(help="Folder whose bundles may be loaded while it runs.")] = None,
    mqtt: Annotated[str | None, typer.Option(help="host:port of a broker with readings.")] = None,
    config: Annotated[Path | None, typer.Option(help="YAML file with settings of the service.")] = None,
    new_key: Annotated[bool, typer.Option("--new-key", help="Print a new key and its hash for the settings.")] = False,
) -> None:
    """Answer from BUNDLES until stopped.

    Settings come from --config, then the environment (`MOTIF_SERVICE_PORT=8081`), then options.

    Example: `motif serve my-bundle --port 8080`, then `curl http://localhost:8080/readyz`
    """
    if new_key:
        _print_new_key()
        return
    from motif.errors import ConfigError
    from motif.service import load_settings, open_service, serve
    from motif.telemetry import log_to

    if ctx.find_root().params.get("log") is None:  # the journal of the system, or of the container, takes it from here
        ctx.with_resource(log_to(terminal=sys.stderr))
    settings = load_settings(config, host=host, port=port, bundles_dir=bundles_dir, mqtt=mqtt)
    if not bundles and settings.bundles_dir is None:
        raise ConfigError("there is nothing to serve; name a bundle, or a folder of them with --bundles-dir")
    service = open_service(bundles or [], settings)
    where = f"[{settings.host}]" if ":" in settings.host else settings.host
    if left_out := set(service.repository.names()) - {model.name for model in service.shelf} if not bundles else set():
        say("[bold yellow]left out[/] ", f"{', '.join(sorted(left_out))}: damaged, as the log says")
    if not len(service.shelf):
        say("[bold yellow]nothing to answer from yet[/]: ", f"no bundle was loaded from {settings.bundles_dir}")
    serve(service, on_ready=lambda taken: say("[green]serving[/] ", f"http://{where}:{taken}"))


def _print_new_key() -> None:
    import hashlib
    import secrets

    key = secrets.token_urlsafe(32)
    say("keep this key; callers send it as ", "Authorization: Bearer KEY")
    typer.echo(f"key: {key}\nkey_sha256: {hashlib.sha256(key.encode()).hexdigest()}")
