"""`python -m motif` is the command `motif`."""

from motif.cli import main

main()
