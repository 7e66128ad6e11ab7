"""Whoever saves a profile is killed at random: it opens, and it is one that was saved."""

import os
import random
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.networks.people import save_base, somebody

from motif.networks import load_profile

WRITER = Path(__file__).with_name("profile_writer.py")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_profile_opens_after_its_writer_was_killed(seed, tmp_path):
    base, profile = save_base(tmp_path / "base.keras"), tmp_path / "anna.keras"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, WRITER, base, profile]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as writer:
        for _ in range(1 + seed):
            assert writer.stdout.readline() == b"saved\n"
        select.select([], [], [], random.Random(seed).uniform(0, 0.2))  # somewhere within the next save
        writer.send_signal(signal.SIGKILL)
    opened = load_profile(profile, base_model_path=base)
    assert set(opened.facts.samples.values()) in ({5}, {6})
    X, y = somebody(20, seed=4)
    assert (opened.model().predict_on_batch(X).argmax(axis=1) == y).mean() > 0.8
    leftovers = [path for path in tmp_path.iterdir() if path not in (base, profile)]
    assert len(leftovers) <= 1  # the file that was being written, under a name of its own
