"""Windows that training never sees, and how a bundle remembers which they were."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from motif.cli._console import say

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motif.bundles import BundleRecognizer
    from motif.recordings import Dataset, Split

__all__ = ["divide", "fingerprint", "judged_rows", "seen_among", "seen_groups", "simulated_hands"]


def simulated_hands(people: int, repetitions: int) -> Dataset:
    """Simulate hands where there are no recordings, and say so."""
    from motif.recordings import simulate_hand

    say("[bold yellow]simulated[/] ", f"no data are named: these are hands of {people} people who never were")
    return simulate_hand(people, repetitions, random_state=0)


def fingerprint(data: Dataset) -> str:
    """Return a text that changes with any window or label."""
    digest = hashlib.sha256("\n".join((*data.labels.tolist(), *data.groups.tolist())).encode())
    digest.update(data.X.tobytes())
    return digest.hexdigest()


def divide(data: Dataset, share: float) -> tuple[Dataset, Dataset | None, dict[str, Any]]:
    """Return what to train on, what to judge by (None where `share` is 0), and what the bundle keeps of that."""
    if not share:
        return data, None, {"fingerprint": fingerprint(data)}
    from motif.recordings import holdout

    split = holdout(data, share)
    (fold,) = split.folds
    facts = {"fingerprint": fingerprint(data), "held_out_share": share, "held_out": split.how}
    return data.subset(fold.train), data.subset(fold.test), facts


def judged_rows(recognizer: BundleRecognizer, data: Dataset) -> tuple[NDArray[np.int64], str, str | None]:
    """Return which windows of `data` the bundle was not trained on, how they were chosen, and a warning.

    A bundle knows its data by their fingerprint: of those, only what was held out is judged.
    """
    import numpy as np

    everything = np.arange(data.n_windows)
    if _learnt_from(recognizer, data):
        if (split := _split_of(recognizer, data)) is not None:
            return split.folds[0].test, f"what training never saw, {split.how}", None
        return everything, "all these windows at once", "it was trained on these very windows: the figures flatter it"
    how = "all these windows at once, by a recognizer that was trained before"
    seen = seen_groups(recognizer, data)
    return (
        everything,
        how,
        f"it was trained on {', '.join(seen)} of {data.name}: the figures flatter it" if seen else None,
    )


def seen_groups(recognizer: BundleRecognizer, data: Dataset) -> list[str]:
    """Return the groups of `data` that the bundle says it was trained on."""
    trained = recognizer.config.data
    return sorted(set(trained.get("groups", ())) & set(data.group_names)) if trained.get("name") == data.name else []


def seen_among(recognizer: BundleRecognizer, data: Dataset, rows: NDArray[np.int64]) -> str | None:
    """Return in words which of the windows at `rows` the bundle was trained on; None where it met none of them."""
    import numpy as np

    if not _learnt_from(recognizer, data):
        seen = seen_groups(recognizer, data.subset(rows))
        return f"{', '.join(seen)} of {data.name}" if seen else None
    split = _split_of(recognizer, data)
    n = len(rows if split is None else np.setdiff1d(rows, split.folds[0].test))
    return f"{n} of these {len(rows)} windows" if n else None


def _learnt_from(recognizer: BundleRecognizer, data: Dataset) -> bool:
    """Say whether these are the very windows that the bundle was made from, held out ones among them."""
    return recognizer.config.data.get("fingerprint") == fingerprint(data)


def _split_of(recognizer: BundleRecognizer, data: Dataset) -> Split | None:
    """Return how the windows it was made from were divided; None where nothing was held out."""
    from motif.recordings import holdout

    share = recognizer.config.data.get("held_out_share")
    return holdout(data, float(share)) if share else None
