"""Where a stream moves, by its definitions: a window at a time, and the stream as a whole."""

import numpy as np


def activity(samples, scale, width):
    """Return the root of the mean variance of the last `width` samples that no gap cuts off."""
    result = []
    for last in range(width - 1, len(samples)):
        window = samples[last - width + 1 : last + 1]
        gaps = np.flatnonzero(np.isnan(window).any(axis=1))
        window = window[gaps[-1] + 1 :] if len(gaps) else window
        result.append(np.sqrt((window / scale).var(axis=0).mean()) if len(window) else np.nan)
    return np.array(result)


def movements(moved, wakes, calms, pause, longest):
    """Return (start, stop, decided) of every movement: runs above `calms`, joined over short pauses, strong enough.

    Only what reached `wakes` joins what comes after it: a weak stir before a pause is forgotten, one after a strong
    movement belongs to it.
    """
    runs, i = [], 0
    while i < len(moved):
        if not moved[i] > calms:
            i += 1
            continue
        start = i
        while i < len(moved) and moved[i] > calms:
            i += 1
        runs.append([start, i])
    joined = []
    for start, stop in runs:
        if joined:
            first, end = joined[-1]
            rest = moved[end:start]
            if len(rest) < pause and not np.isnan(rest).any() and (moved[first:end] > wakes).any():
                joined[-1] = [first, stop]
                continue
        joined.append([start, stop])
    found = []
    for start, stop in joined:
        if not (moved[start:stop] > wakes).any() or stop - start > longest:
            continue
        ends = [i for i in range(stop, len(moved)) if np.isnan(moved[i]) or i - stop + 1 >= pause]
        if ends:
            found.append((start, stop, ends[0]))
    return found
