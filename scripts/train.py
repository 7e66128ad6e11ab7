"""`python scripts/train.py --architecture tcn [--use-wandb]`: `motif train` as `config/config.yaml` says."""

import sys
from pathlib import Path

from motif.cli import main

if __name__ == "__main__":
    config = Path(__file__).parents[1] / "config" / "config.yaml"
    sys.argv[1:] = ["train", "--config", str(config), *sys.argv[1:]]  # a later --config wins
    main()
