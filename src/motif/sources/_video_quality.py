"""Whether a camera frame is worth a look: how sharp and how bright it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motif.errors import DtypeError, ShapeError
from motif.optional import require

__all__ = ["FrameQuality", "checked_image", "frame_quality"]

Image = NDArray[np.uint8]
"""(height, width, 3), blue, green, red, 0 to 255, as OpenCV has it."""

_WIDTH_PX = 320
"""Frames are judged at this width: the variance of the Laplacian depends on the size of a pixel."""
_SHARP = 120.0
_BLURRED = 15.0
"""Grey levels²: below a frame is lost to blur, from `_SHARP` on nothing is gained."""
_DARK, _LIT, _BRIGHT, _GLARING = 0.06, 0.22, 0.82, 0.97
"""Mean brightness, 0 to 1: useless outside the outer two, as good as it gets between the inner two."""


@dataclass(frozen=True, slots=True)
class FrameQuality:
    """How good a frame is, and why not better."""

    sharpness: float
    """Variance of the Laplacian, grey levels², at a width of 320 px."""
    brightness: float
    """Mean, 0 (black) to 1 (white)."""
    sharpness_score: float
    """0 (blurred) to 1 (sharp)."""
    brightness_score: float
    """0 (too dark or too bright) to 1."""

    @property
    def score(self) -> float:
        """The worse of the two, 0 to 1."""
        return min(self.sharpness_score, self.brightness_score)

    @property
    def reason(self) -> str:
        """What is worst: `blurred`, `dark` or `glaring`; empty where the score is 1."""
        if self.score >= 1.0:
            return ""
        if self.sharpness_score < self.brightness_score:
            return "blurred"
        return "dark" if self.brightness < 0.5 else "glaring"


def frame_quality(image: Image) -> FrameQuality:
    """Judge a frame by its sharpness and brightness.

    Parameters
    ----------
    image : (height, width, 3) uint8
        Blue, green, red.

    Raises
    ------
    ShapeError, DtypeError
        It is no such image.
    MissingExtraError
        OpenCV is not installed.

    References
    ----------
    Pech-Pacheco et al. (2000), "Diatom autofocusing in brightfield microscopy", ICPR: the variance of the Laplacian.

    Examples
    --------
    >>> black = np.zeros((240, 320, 3), np.uint8)
    >>> frame_quality(black).score, frame_quality(black).brightness
    (0.0, 0.0)
    """
    cv2 = require("cv2", extra="video")
    image = checked_image(image)
    height = max(3, round(image.shape[0] * _WIDTH_PX / image.shape[1]))
    grey = cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (_WIDTH_PX, height), interpolation=cv2.INTER_AREA)
    sharpness = float(cv2.Laplacian(grey, cv2.CV_64F).var())
    brightness = float(grey.mean()) / 255.0
    return FrameQuality(
        sharpness=sharpness,
        brightness=brightness,
        sharpness_score=float(np.interp(sharpness, [_BLURRED, _SHARP], [0.0, 1.0])),
        brightness_score=float(np.interp(brightness, [_DARK, _LIT, _BRIGHT, _GLARING], [0.0, 1.0, 1.0, 0.0])),
    )


def checked_image(image: Image) -> Image:
    """Return the image, or raise where it is none."""
    if not isinstance(image, np.ndarray) or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ShapeError("image", got=np.shape(image), want="(height, width, 3)")
    if image.dtype != np.uint8:
        raise DtypeError("image", got=image.dtype, want="uint8, 0 to 255")
    return image
