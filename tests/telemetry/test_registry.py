from concurrent.futures import ThreadPoolExecutor

import pytest

from motif.telemetry import Registry, Timing


def test_counting_from_many_threads_loses_nothing():
    registry = Registry()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: registry.count("n"), range(1000)))
    assert registry.counters == {"n": 1000}


def test_timings_hold_count_mean_and_longest_also_of_what_failed():
    clock = iter([0.0, 1.0, 10.0, 13.0])
    registry = Registry(clock=lambda: next(clock))
    with registry.time("fit"):
        pass
    with pytest.raises(ZeroDivisionError), registry.time("fit"):
        raise ZeroDivisionError
    assert registry.timings == {"fit": Timing(count=2, total_s=4.0, longest_s=3.0)}
    assert registry.timings["fit"].mean_s == 2.0
    assert Timing().mean_s == 0.0
