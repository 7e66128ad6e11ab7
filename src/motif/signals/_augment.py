"""Augmentation: each epoch sees the windows as they might as well have been. Labels stay true."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from motif.checks import as_numbers
from motif.errors import ShapeError
from motif.signals import _augment_landmarks as landmark_steps
from motif.signals import _augment_motion as motion_steps
from motif.signals._hands import Layout, hands_from, windows_from

__all__ = ["Augmentation", "LandmarkAugmentation", "MotionAugmentation"]

_CONFIG = ConfigDict(extra="forbid", use_attribute_docstrings=True)
Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Strength = Annotated[float, Field(ge=0.0, le=1.0)]


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class MotionAugmentation:
    """How inertial windows are varied; 0 turns a step off.

    References
    ----------
    Um et al. (2017), "Data augmentation of wearable sensor data for Parkinson's disease monitoring using
    convolutional neural networks", ICMI. Rotation helped there most: people wear sensors askew.
    """

    channels: tuple[str, ...] = ()
    """Names of the channels: `acc_x`, `acc_y`, `acc_z` turn together, `pressure` does not turn. Without names every
    three in a row are the axes of one quantity, if the number of channels divides by three; else nothing turns."""
    rotation_deg: Annotated[float, Field(ge=0.0, le=180.0)] = 15.0
    """Largest turn of a sensor about a random axis; its acceleration, angular rate and magnetic field turn together."""
    scale: Strength = 0.05
    """Spread of the factor of each quantity."""
    magnitude_warp: Strength = 0.05
    """Spread of a factor that changes smoothly over the window."""
    time_warp: Strength = 0.1
    """Spread of the speed of time within the window."""
    shift: Strength = 0.05
    """Largest shift in time either way, as a part of the window."""
    jitter: Strength = 0.03
    """White noise, as a part of each series' standard deviation."""
    sensor_dropout: Probability = 0.0
    """Probability that a sensor reads zero; one is always left."""
    channel_dropout: Probability = 0.0
    """Probability that a channel reads zero."""

    def apply(self, X: NDArray[np.float32], generator: np.random.Generator) -> NDArray[np.float32]:
        """Return varied windows (n, channels, sensors, samples); see `Augmentation.apply`."""
        quantities = motion_steps.quantities(X.shape[1], self.channels)
        if self.rotation_deg:
            X = motion_steps.turn(X, self.rotation_deg, quantities, generator)
        if self.time_warp or self.shift:
            X = motion_steps.read_at_other_moments(X, self.time_warp, self.shift, generator)
        if self.scale or self.magnitude_warp:
            X = motion_steps.strengthen(X, self.scale, self.magnitude_warp, quantities, generator)
        if self.jitter:
            X = motion_steps.jitter(X, self.jitter, generator)
        if self.sensor_dropout:
            X = motion_steps.drop_sensors(X, self.sensor_dropout, generator)
        if self.channel_dropout:
            X = motion_steps.drop_channels(X, self.channel_dropout, generator)
        return X


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class LandmarkAugmentation:
    """How landmark windows, raw as the tracker gave them, are varied; 0 turns a step off."""

    layout: Layout = "21x4"
    """How a frame lists its landmarks; 63 features are always `21x3`."""
    rotation_deg: Annotated[float, Field(ge=0.0, le=180.0)] = 10.0
    """Largest turn in the image plane."""
    scale: Annotated[float, Field(ge=0.0, le=0.9)] = 0.1
    """Largest change of size, as a part of it."""
    translation: Annotated[float, Field(ge=0.0)] = 0.2
    """Largest move along x and y, as a part of the hand's mean reach from wrist to landmark."""
    time_warp: Strength = 0.1
    """Spread of the speed of time within the window."""
    shift: Strength = 0.05
    """Largest shift in time either way, as a part of the window."""
    jitter: Strength = 0.01
    """White noise on each landmark, as a part of the hand's mean reach."""
    frame_dropout: Probability = 0.02
    """Probability that a hand is missing in a frame; it is never lost from all of them."""
    mirror: Probability = 0.0
    """Probability of a mirror image. Off: it turns a swipe to the left into one to the right."""

    def apply(self, X: NDArray[np.float32], generator: np.random.Generator) -> NDArray[np.float32]:
        """Return varied windows (n, frames, features); see `Augmentation.apply`."""
        hands = hands_from(X, "21x3" if X.shape[-1] == 63 else self.layout)
        if self.mirror:
            hands = landmark_steps.mirror_hands(hands, self.mirror, generator)
        if self.time_warp or self.shift:
            hands = landmark_steps.read_frames_at_other_moments(hands, self.time_warp, self.shift, generator)
        if self.rotation_deg or self.scale or self.translation:
            hands = landmark_steps.move_in_image(hands, self.rotation_deg, self.scale, self.translation, generator)
        if self.jitter:
            hands = landmark_steps.jitter_landmarks(hands, self.jitter, generator)
        if self.frame_dropout:
            hands = landmark_steps.drop_frames(hands, self.frame_dropout, generator)
        return windows_from(hands.points, X.shape[2])


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class Augmentation:
    """How windows are varied while a network trains. The defaults are mild, so that labels stay true."""

    motion: MotionAugmentation = field(default_factory=MotionAugmentation)
    """For windows (n, channels, sensors, samples)."""
    landmarks: LandmarkAugmentation = field(default_factory=LandmarkAugmentation)
    """For windows (n, frames, features)."""

    def apply(self, X: ArrayLike, generator: np.random.Generator) -> NDArray[np.float32]:
        """Return windows of the same shape, varied; `X` itself is left as it is.

        Parameters
        ----------
        X : (n, channels, sensors, samples) or (n, frames, features), float
            Four axes are inertial windows, three are landmarks.
        generator
            Where all randomness comes from: the same state, the same windows.

        Raises
        ------
        DtypeError, ShapeError
        ConfigError
            `motion.channels` names more or fewer channels than there are.
        NotFiniteError
            A hand is NaN or infinite in part.

        Examples
        --------
        >>> X = np.zeros((2, 6, 1, 50), dtype=np.float32)
        >>> Augmentation().apply(X, np.random.default_rng(0)).shape
        (2, 6, 1, 50)
        """
        array = as_numbers(X, "X")
        if array.ndim not in (3, 4) or 0 in array.shape[1:]:
            raise ShapeError("X", got=array.shape, want="(n, channels, sensors, samples) or (n, frames, features)")
        kind = self.motion if array.ndim == 4 else self.landmarks
        return kind.apply(array.astype(np.float32), generator)
