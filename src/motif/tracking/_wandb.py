"""A run on Weights & Biases, online or into a folder that `wandb sync` takes up later."""

from __future__ import annotations

import io
import netrc
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError
from motif.optional import require
from motif.tracking._config import WandbConfig
from motif.tracking._record import Artifact, RunRecord

__all__ = ["WandbMirror"]


class WandbMirror:
    """Sends what it is told, and no console, code, git, packages, names of machine or program, crash reports.

    Parameters
    ----------
    config : WandbConfig
    project : str
    """

    name = "wandb"

    def __init__(self, config: WandbConfig, project: str) -> None:
        self._settings, self._project = config, project
        self._run: Any = None

    def open(self, run: RunRecord, folder: Path) -> None:
        """Begin a run, or go on with it; it waits no longer than it is allowed to."""
        for variable, value in (("WANDB_ERROR_REPORTING", "false"), ("WANDB_SILENT", "true")):
            os.environ.setdefault(variable, value)
        wandb = require("wandb", extra="wandb")
        self._run = wandb.init(
            project=self._project,
            name=run.name,
            id=run.name,
            dir=folder,
            config=run.config,
            tags=run.tags,
            mode=self._mode(),
            resume="allow",
            settings=wandb.Settings(
                init_timeout=self._settings.timeout_s,
                finish_timeout=self._settings.timeout_s,
                finish_timeout_raises=True,
                console="off",
                silent=True,
                disable_code=True,
                disable_git=True,
                x_disable_meta=True,
                x_disable_stats=True,
                x_save_requirements=False,
                host="-",
                program="-",
            ),
        )

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Show numbers."""
        self._run.log(dict(values), step=step)

    def weights(self, arrays: Mapping[str, NDArray[np.generic]], step: int) -> None:
        """Show histograms."""
        histogram = require("wandb", extra="wandb").Histogram
        finite = {name: np.asarray(array)[np.isfinite(array)] for name, array in arrays.items()}
        self._run.log(
            {f"weights/{name}": histogram(values) for name, values in finite.items() if values.size}, step=step
        )

    def graph(self, model: Any) -> None:
        """Show nothing: TensorBoard draws it."""

    def picture(self, name: str, png: bytes, step: int) -> None:
        """Show a picture."""
        wandb, image = require("wandb", extra="wandb"), require("PIL.Image", extra="tensorboard")
        self._run.log({name: wandb.Image(image.open(io.BytesIO(png)))}, step=step)

    def artifact(self, artifact: Artifact) -> None:
        """Show what a file is called and its hash; the file itself stays here."""
        self._run.summary[f"artifacts/{artifact.role}"] = artifact.model_dump()

    def close(self, run: RunRecord, final: Mapping[str, float]) -> None:
        """Say how the run ended; what could not be sent in time stays in its folder."""
        self._run.finish(exit_code=0 if run.status == "finished" else 1)

    def _mode(self) -> Any:
        chosen = self._settings.mode if self._settings.mode != "auto" else os.environ.get("WANDB_MODE")
        if chosen == "online" and not _has_key():  # its client would ask for one, and wait
            raise ConfigError("no key of Weights & Biases is known; run `wandb login`, or choose mode offline")
        return chosen or ("online" if _has_key() else "offline")


def _has_key() -> bool:
    """Return whether `wandb login` was done, or the environment holds a key."""
    if {"WANDB_API_KEY", "WANDB_IDENTITY_TOKEN_FILE"} & set(os.environ):
        return True
    host = urlsplit(os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai")).hostname
    try:
        return netrc.netrc(os.environ.get("NETRC")).authenticators(host or "") is not None
    except (OSError, netrc.NetrcParseError):
        return False
