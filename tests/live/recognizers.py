"""Small recognizers that are what they say, for tests of what stands around them."""

import numpy as np

from motif.recognizer import RecognizeMixin


class Turning(RecognizeMixin):
    """Tells `left` from `right` by the mean rate about x, and `rest` where there is little of it."""

    classes_ = np.array(["left", "rest", "right"])

    def __init__(self, n_channels=6, n_rows=20, column=3):
        self.window_shape_ = (n_channels, n_rows)
        self._column = column

    def predict_proba(self, X):
        rate = np.asarray(X, dtype=np.float64)[:, self._column].mean(axis=1)
        scores = np.exp(np.stack([2 * rate, np.full(len(rate), 1.0), -2 * rate], axis=1).clip(-50, 50))
        return (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)


class Bumps:
    """A spotter: a gesture is a run of rows whose first channel is above 1, told when it has been over for 3 rows."""

    rate_hz = 100.0
    channels = ("acc_x",)

    def __init__(self):
        self.reset()

    def reset(self):
        self._run, self._n_below = [], 0

    def step(self, time_ns, values):
        told = []
        for time, row in zip(time_ns.tolist(), values[:, 0].tolist(), strict=True):
            if row > 1:
                self._run.append(time)
                self._n_below = 0
            elif self._run:
                self._n_below += 1
                if self._n_below == 3 or not np.isfinite(row):
                    told += self._tell(time)
        return told

    def flush(self):
        return self._tell(self._run[-1]) if self._run else []

    def _tell(self, now_ns):
        from motif.templates import Spotted

        found = Spotted("bump", self._run[0], self._run[-1], now_ns, min(1.0, len(self._run) / 10), 0.0)
        self.reset()
        return [found]
