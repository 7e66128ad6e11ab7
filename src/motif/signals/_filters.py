"""Filters that know gaps: causal ones for a live stream, zero-phase ones for a recording, and one against spikes.

A filter that met a NaN would answer NaN for ever. Here each gap-free stretch is filtered for itself, and a gap
stays the gap it was.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_columns, require_count, require_positive
from motif.errors import ConfigError, ShapeError
from motif.signals._gaps import stretches

__all__ = ["CausalFilter", "despike", "slow_part", "zero_phase"]


def _butterworth(rate_hz: float, low_hz: float | None, high_hz: float | None, order: int) -> NDArray[np.float64]:
    """Return second-order sections that pass `low_hz` to `high_hz`."""
    from scipy.signal import butter

    require_positive("rate_hz", rate_hz)
    require_count("order", order)
    edges = [edge for edge in (low_hz, high_hz) if edge is not None]
    if not edges:
        raise ConfigError("neither low_hz nor high_hz is given; say which frequencies may pass")
    if not 0 < edges[0] <= edges[-1] < rate_hz / 2 or (len(edges) == 2 and edges[0] == edges[1]):
        raise ConfigError(
            f"low_hz={low_hz}, high_hz={high_hz} cannot be at rate_hz={rate_hz}; "
            f"want 0 < low_hz < high_hz < {rate_hz / 2}, half of the rate"
        )
    kind = "bandpass" if len(edges) == 2 else "lowpass" if low_hz is None else "highpass"
    sections = butter(order, edges if len(edges) == 2 else edges[0], kind, fs=rate_hz, output="sos")
    return np.asarray(sections, dtype=np.float64)


class CausalFilter:
    """A Butterworth filter for a live stream: it looks at the past alone, and chunk size is invisible.

    At the start, and after each gap, it settles at once on the first sample, as if that had stood for ever.

    Parameters
    ----------
    rate_hz : float
        Rate of the stream, evenly sampled.
    low_hz, high_hz : float, optional
        What passes lies between; without `low_hz` a low-pass, without `high_hz` a high-pass. 3 dB down at the edge.
    order : int
        6 dB an octave for each; a band-pass has it on either side.

    Raises
    ------
    ConfigError
        An edge is not between 0 and half of the rate, there is none, or the order is below 1.

    References
    ----------
    Butterworth (1930), "On the theory of filter amplifiers".

    Examples
    --------
    >>> smooth = CausalFilter(100, high_hz=5)
    >>> smooth.step(np.ones((3, 1))).ravel().round(6)
    array([1., 1., 1.])
    """

    def __init__(
        self, rate_hz: float, *, low_hz: float | None = None, high_hz: float | None = None, order: int = 2
    ) -> None:
        from scipy.signal import sosfilt_zi

        self._sections = _butterworth(rate_hz, low_hz, high_hz, order)
        self._settled = np.asarray(sosfilt_zi(self._sections), dtype=np.float64)
        self.reset()

    def reset(self) -> None:
        """Forget the past."""
        self._running = np.zeros(0, dtype=np.bool_)
        self._state = np.zeros((0, *self._settled.shape))

    def step(self, chunk: ArrayLike) -> NDArray[np.float64]:
        """Filter the next samples.

        Parameters
        ----------
        chunk : (n_samples, n_channels) or (n_samples,)
            Any number of samples; NaN marks a gap, in each channel for itself.

        Returns
        -------
        same shape, float64
            NaN where `chunk` has it.

        Raises
        ------
        ShapeError
            The number of channels is not that of the chunks before.
        """
        from motif.signals._biquad import run_sections

        columns = as_columns(chunk, "chunk")
        n_channels = columns.shape[1]
        if not self._running.size:
            self._running = np.zeros(n_channels, dtype=np.bool_)
            self._state = np.zeros((n_channels, *self._settled.shape))
        if self._running.size != n_channels:
            raise ShapeError("chunk", got=np.shape(chunk), want=f"(n_samples, {self._running.size}) as before")
        run_sections(self._sections, self._settled, columns, self._state, self._running)
        return columns.reshape(np.shape(chunk))


def zero_phase(
    values: ArrayLike, rate_hz: float, *, low_hz: float | None = None, high_hz: float | None = None, order: int = 4
) -> NDArray[np.float64]:
    """Filter a recording forward and backward: nothing is delayed, at twice the slope.

    Parameters
    ----------
    values : (n_samples, n_channels) or (n_samples,)
        Evenly sampled; NaN marks a gap, in each channel for itself.
    rate_hz : float
    low_hz, high_hz : float, optional
        What passes lies between; without `low_hz` a low-pass, without `high_hz` a high-pass. 6 dB down at the edge.
    order : int
        Of the Butterworth filter that runs in either direction.

    Returns
    -------
    same shape, float64
        NaN where `values` has it.

    Raises
    ------
    ConfigError
        An edge is not between 0 and half of the rate, there is none, or the order is below 1.

    References
    ----------
    SciPy's `sosfiltfilt`; the ends are mirrored through their last points.

    Examples
    --------
    >>> zero_phase([2.0, 2.0, np.nan, 5.0, 5.0], 100, high_hz=10).round(6)
    array([ 2.,  2., nan,  5.,  5.])
    """
    sections = _butterworth(rate_hz, low_hz, high_hz, order)
    return _both_ways(values, sections, "odd", 3 * (2 * len(sections) + 1))


def slow_part(values: ArrayLike, rate_hz: float, high_hz: float) -> NDArray[np.float64]:
    """Return what changes slower than `high_hz`, of second order, however fast the ends of a recording move.

    A period of it is mirrored at either end; through an end point, as in `zero_phase`, one sample would be the level.
    """
    return _both_ways(values, _butterworth(rate_hz, None, high_hz, 2), "even", round(rate_hz / high_hz))


def _both_ways(
    values: ArrayLike, sections: NDArray[np.float64], mirrored: str, longest_pad: int
) -> NDArray[np.float64]:
    from scipy.signal import sosfiltfilt

    columns = as_columns(values)
    for channel in columns.T:
        for start, stop in stretches(~np.isnan(channel)):
            pad = min(longest_pad, stop - start - 1)
            channel[start:stop] = sosfiltfilt(sections, channel[start:stop], padtype=mirrored, padlen=int(pad))
    return columns.reshape(np.shape(values))


def despike(values: ArrayLike, *, length: int = 5, threshold: float = 6.0) -> NDArray[np.float64]:
    """Replace single wild samples by the median around them; all others stay as they are.

    A sample is wild where it is further from the running median than `threshold` times the steps that are usual
    around it, so a fast movement is no spike.

    Parameters
    ----------
    values : (n_samples, n_channels) or (n_samples,)
        Evenly sampled; NaN marks a gap, in each channel for itself. Stretches shorter than 2 × `length` stay.
    length : int
        Samples in the running median, odd; a burst of up to `length // 2` wild ones is mended.
    threshold : float
        How many usual steps off is wild.

    Returns
    -------
    same shape, float64

    Raises
    ------
    ConfigError
        `length` is not an odd number of at least 3, or `threshold` is not above 0.

    References
    ----------
    Pearson, Neuvo, Astola and Gabbouj (2016), "Generalized Hampel filters", with the usual step as the scale.

    Examples
    --------
    >>> despike([0.0, 0.1, 0.0, 80.0, 0.1, 0.0, 0.1], length=3)
    array([0. , 0.1, 0. , 0.1, 0.1, 0. , 0.1])
    """
    require_count("length", length, least=3)
    require_positive("threshold", threshold)
    if length % 2 == 0:
        raise ConfigError(f"length={length} has no middle; give an odd number")
    columns = as_columns(values)
    for channel in columns.T:
        for start, stop in stretches(~np.isnan(channel)):
            _despike_stretch(channel[start:stop], length, threshold)
    return columns.reshape(np.shape(values))


def _despike_stretch(stretch: NDArray[np.float64], length: int, threshold: float) -> None:
    from scipy.ndimage import median_filter

    steps = abs(np.diff(stretch))
    if len(stretch) < 2 * length or not steps.any():
        return  # too few to say what is usual
    usual = median_filter(steps, size=4 * length + 1, mode="nearest")
    scale = np.maximum(np.append(usual, usual[-1]), steps[steps > 0].min())  # at rest the last bit toggles
    middle = median_filter(stretch, size=length, mode="nearest")
    wild = abs(stretch - middle) > threshold * scale
    stretch[wild] = middle[wild]
