"""Save one person's profile again and again, two takes in turn: `profile_writer.py BASE PROFILE`."""

import sys
from pathlib import Path

from tests.networks.people import NAMES, somebody

from motif.networks import CalibrationConfig, UserCalibrator


def main(base: Path, profile: Path) -> None:
    people = []
    for n_each in (5, 6):
        calibrator = UserCalibrator(base, NAMES, CalibrationConfig(freeze_strategy="head_only"))
        for window, label in zip(*somebody(n_each), strict=True):
            calibrator.add_sample(window, NAMES[label])
        calibrator.calibrate()
        people.append(calibrator)
    while True:
        for calibrator in people:
            calibrator.save(profile)
            sys.stdout.write("saved\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
