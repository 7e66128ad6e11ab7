"""What one sensor said travels unchanged, or is refused."""

import numpy as np
import pytest

from motif.errors import DtypeError, InputError, ShapeError
from motif.recordings import Readings


def test_one_sample_keeps_its_nanoseconds_and_cannot_be_written_to():
    reading = Readings.of("phone", ["acc_x", "acc_y", "acc_z"], 1698501144401773001, [0.0, 0.1, 9.81])
    assert reading.time_ns.tolist() == [1698501144401773001]
    assert reading.values.shape == (1, 3)
    with pytest.raises(ValueError, match="read-only"):
        reading.values[0, 0] = 1.0


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"values": [[1.0, 2.0]]}, ShapeError),
        ({"values": [[np.inf]]}, InputError),
        ({"time_ns": [0.5]}, DtypeError),
        ({"quality": 1.5}, InputError),
        ({"channels": "acc_x"}, InputError),
    ],
)
def test_parts_that_do_not_fit_are_refused(change, error):
    parts = {"device": "phone", "channels": ("acc_x",), "time_ns": [1], "values": [[1.0]]}
    with pytest.raises(error):
        Readings(**parts | change)
