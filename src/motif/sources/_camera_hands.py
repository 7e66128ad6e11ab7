"""Hands in images: what finds them, and MediaPipe as it comes in old wheels and in new ones."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError, MissingFileError
from motif.files import atomic_file
from motif.optional import require

__all__ = ["HandFinder", "SeenHand", "mediapipe_hands", "pack_hand_model"]

_MODEL = "hand_landmarker.task"
_VARIABLE = "MOTIF_HAND_MODEL"
_HOW = (
    f"MediaPipe's hand model, which its wheels have not held since 0.10.21: download {_MODEL} from MediaPipe's page "
    f"on hand landmarks, or make it from that old wheel with motif.sources.pack_hand_model; then pass model_path, "
    f"or set {_VARIABLE}"
)
_PARTS = {
    "hand_detector.tflite": "mediapipe/modules/palm_detection/palm_detection_full.tflite",
    "hand_landmarks_detector.tflite": "mediapipe/modules/hand_landmark/hand_landmark_full.tflite",
}
"""What a task file holds, and where an old wheel has it."""


@dataclass(frozen=True, slots=True, eq=False)
class SeenHand:
    """One hand in one image."""

    points: NDArray[np.float64]
    """(21, 3): x and y in image widths and heights from the upper left, z in image widths from the wrist."""
    side: Literal["left", "right"]
    """Whose: as the person has it, in an image that is not mirrored."""
    score: float
    """How sure the finder is of the side, 0 to 1."""


@runtime_checkable
class HandFinder(Protocol):
    """Finds a hand in an image. It may block, and may remember the image before."""

    def find(self, image: NDArray[np.uint8], time_ns: int) -> SeenHand | None:
        """Return the hand that is seen best in (height, width, 3) blue, green, red; None where there is none."""
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...


def mediapipe_hands(model_path: str | Path | None = None) -> HandFinder:
    """Return MediaPipe's hand landmarker: with the model of the file given, or with the one inside an old wheel.

    Parameters
    ----------
    model_path : str or Path, optional
        `hand_landmarker.task`. Where left out: what `MOTIF_HAND_MODEL` names, or else what the wheel holds.

    Raises
    ------
    MissingExtraError
        MediaPipe is not installed.
    MissingFileError
        There is no model; the message says where to get it.
    FormatError
        The file is no model.
    """
    mediapipe = require("mediapipe", extra="hands")
    path = model_path or os.environ.get(_VARIABLE)
    if path is None and hasattr(mediapipe, "solutions"):
        return _OldHands(mediapipe)
    if path is None or not Path(path).is_file():
        raise MissingFileError(path or _MODEL, want=_HOW)
    return _TaskHands(Path(path))


def pack_hand_model(wheel: str | Path, path: str | Path = _MODEL) -> Path:
    """Make `hand_landmarker.task` from the models in a wheel of MediaPipe 0.10.21 (`pip download --no-deps`).

    Raises
    ------
    MissingFileError, FormatError
        The wheel is not there, or holds no hand models.
    WriteError
        The file cannot be written.
    """
    wheel, path = Path(wheel), Path(path)
    if not wheel.is_file():
        raise MissingFileError(wheel, want="a wheel of MediaPipe 0.10.21")
    try:
        with zipfile.ZipFile(wheel) as old:
            parts = {name: old.read(inside) for name, inside in _PARTS.items()}
    except (zipfile.BadZipFile, KeyError) as error:
        raise FormatError(wheel, "it holds no hand models", hint="take the wheel of MediaPipe 0.10.21") from error
    with atomic_file(path) as new, zipfile.ZipFile(new, "w", zipfile.ZIP_STORED) as task:
        for name, content in parts.items():
            task.writestr(zipfile.ZipInfo(name), content)
    return path


class _TaskHands:
    """MediaPipe's Tasks, on video: each image must be later than the one before."""

    def __init__(self, model: Path) -> None:
        self._mediapipe = require("mediapipe", extra="hands")
        tasks = require("mediapipe.tasks.python", extra="hands")
        vision = tasks.vision
        options = vision.HandLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_path=str(model)),
            running_mode=vision.RunningMode.VIDEO,
            num_hands=1,
        )
        try:
            self._landmarker = vision.HandLandmarker.create_from_options(options)
        except (RuntimeError, ValueError, OSError) as error:
            raise FormatError(model, "MediaPipe cannot read it as a hand model", hint=_HOW) from error
        self._last_ms = -1

    def find(self, image: NDArray[np.uint8], time_ns: int) -> SeenHand | None:
        self._last_ms = max(self._last_ms + 1, time_ns // 1_000_000)
        packed = self._mediapipe.Image(image_format=self._mediapipe.ImageFormat.SRGB, data=_rgb(image))
        found = self._landmarker.detect_for_video(packed, self._last_ms)
        if not found.hand_landmarks:
            return None
        side = found.handedness[0][0]
        return _seen(found.hand_landmarks[0], side.category_name, side.score)

    def close(self) -> None:
        self._landmarker.close()


class _OldHands:
    """MediaPipe's solutions, up to 0.10.21, which call a left hand right: they take images to be mirrored."""

    def __init__(self, mediapipe: Any) -> None:
        self._hands = mediapipe.solutions.hands.Hands(max_num_hands=1)

    def find(self, image: NDArray[np.uint8], time_ns: int) -> SeenHand | None:
        found = self._hands.process(_rgb(image))
        if not found.multi_hand_landmarks:
            return None
        side = found.multi_handedness[0].classification[0]
        other = "Left" if side.label == "Right" else "Right"
        return _seen(found.multi_hand_landmarks[0].landmark, other, side.score)

    def close(self) -> None:
        self._hands.close()


def _rgb(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(image[:, :, ::-1])


def _seen(landmarks: Sequence[Any], side: str, score: float) -> SeenHand:
    points = np.array([(point.x, point.y, point.z) for point in landmarks], dtype=np.float64)
    return SeenHand(points, "left" if side == "Left" else "right", float(score))
