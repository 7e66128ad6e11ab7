"""`python scripts/evaluate.py --save-report`: `motif evaluate` as `config/config.yaml` says."""

import sys
from pathlib import Path

from motif.cli import main

if __name__ == "__main__":
    config = Path(__file__).parents[1] / "config" / "config.yaml"
    sys.argv[1:] = ["evaluate", "--config", str(config), *sys.argv[1:]]  # a later --config wins
    main()
