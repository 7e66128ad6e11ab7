"""`run.json`: what a run is, apart from what it measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from motif.errors import FormatError, MissingFileError
from motif.files import write_bytes

__all__ = ["LINES_FILE", "RUN_FILE", "Artifact", "Evaluation", "RunRecord", "Session", "Status"]

RUN_FILE, LINES_FILE = "run.json", "metrics.jsonl"
Status = Literal["running", "finished", "failed", "killed"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Artifact(_Frozen):
    """A file that a run made, as it was when it was told."""

    path: str
    role: str
    bytes: int
    sha256: str


class Evaluation(_Frozen):
    """How the predictions of a run compare with the truth."""

    class_names: list[str]
    confusion: list[list[int]]
    """Rows are the truth, columns what was said."""
    f1: dict[str, float | None]
    """None for a class that neither occurs nor was predicted."""
    accuracy: float
    macro_f1: float


class Session(_Frozen):
    """One process that worked on a run; a run that was resumed has several."""

    started: str
    process: int
    machine: dict[str, Any]
    """Python, platform, processor, GPUs, packages."""
    commit: dict[str, Any] | None
    """`sha`, `branch`, `is_dirty`; None outside a git work tree."""
    lost: dict[str, int] = Field(default_factory=dict)
    """What was found missing of the session before."""


class RunRecord(_Frozen):
    """All that is known of a run but its lines."""

    schema_version: Literal[1] = 1
    name: str
    project: str
    status: Status = "running"
    """`killed` is never written: it is a run that nobody finished and nobody works on."""
    started: str
    ended: str | None = None
    config: dict[str, Any] = Field(default_factory=dict)
    seeds: dict[str, Any] = Field(default_factory=dict)
    tags: list[str] = Field(default_factory=list)
    sessions: list[Session] = Field(default_factory=list)
    artifacts: list[Artifact] = Field(default_factory=list)
    evaluation: Evaluation | None = None
    failures: dict[str, int] = Field(default_factory=dict)
    """How often what stands around the record failed: `tensorboard`, `wandb`, `pictures`, `machine`, `record`."""
    problems: dict[str, str] = Field(default_factory=dict)
    """Why each of them failed first."""

    def write(self, folder: Path) -> None:
        """Write `run.json`, whole or not at all.

        Raises
        ------
        WriteError
            The disk is full or the place cannot be written; the one before still stands.
        """
        write_bytes(folder / RUN_FILE, self.model_dump_json(indent=1).encode())

    @classmethod
    def read(cls, folder: Path) -> RunRecord:
        """Read `run.json`.

        Raises
        ------
        MissingFileError
            There is none.
        FormatError
            It is damaged, or of a newer motif.
        """
        path = folder / RUN_FILE
        try:
            return cls.model_validate_json(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingFileError(path, want="the folder of a run, such as `motif runs list` shows") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            hint = "it is damaged or of a newer motif; its metrics.jsonl can still be read line by line"
            raise FormatError(path, f"{where}: {first['msg']}", hint=hint) from error
