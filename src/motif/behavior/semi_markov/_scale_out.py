"""The same expectation step on many machines: each recording is asked where it lies, the sums come back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._em import Mapped, said
from motif.optional import require

__all__ = ["mapped_over"]

Array = NDArray[np.float64]


@contextmanager
def mapped_over(sequences: Sequence[Array], cluster: Any) -> Iterator[Mapped | None]:
    """Give what maps the expectation step over a Dask cluster, or None where there is none.

    Parameters
    ----------
    cluster : address, client or None
        A client that is passed stays open. Sequences travel once; sums are added up in their order, so that the result
        is that of one machine, bit for bit.

    Raises
    ------
    MissingExtraError
    """
    if cluster is None:
        yield None
        return
    distributed = require("distributed", extra="scale")
    client = distributed.Client(cluster) if isinstance(cluster, str) else cluster
    try:
        there = client.scatter(list(sequences))

        def mapped(parameters: Any) -> Any:
            shared = client.scatter(parameters, broadcast=True)
            return client.gather([client.submit(said, shared, part, pure=False) for part in there])

        yield mapped
    finally:
        if client is not cluster:
            client.close()
