"""What commands share that take behaviour coded in BORIS or ELAN: which codings, and whose recording they are of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from motif.cli._console import print_table

if TYPE_CHECKING:
    from motif.evaluation import CodedAgreement, Ethogram
    from motif.recordings import Recording

__all__ = [
    "AgainstOption",
    "ObservationOption",
    "OffsetOption",
    "SubjectOption",
    "agreement_values",
    "agreement_with",
    "coded_recordings",
    "show_agreement",
]

AgainstOption = typer.Option(help="A file of BORIS or ELAN: how far the states agree with what was coded in it.")
ObservationOption = typer.Option(help="Which observation of BORIS or tier of ELAN, where there are several.")
SubjectOption = typer.Option(help="Whose codings, where several subjects were coded.")
OffsetOption = typer.Option(help="When the coded media began: seconds after the recording did, below 0 if before.")


def coded_recordings(
    path: Path | None, opened: Mapping[str, Recording], *, observation: str | None, subject: str | None, offset: float
) -> dict[str, Recording]:
    """Return the recordings that were coded, annotated with it; of several, each by the observation of its name.

    Raises
    ------
    ConfigError
        Codings are chosen from, and no file of them is given; one observation is asked for of several recordings.
    LabelError, InputError
        No observation is of these recordings, several could be, or codings and recording share no time.
    """
    from motif.errors import ConfigError, LabelError
    from motif.recordings import annotate, read_codings

    if path is None:
        if observation is not None or subject is not None or offset:
            raise ConfigError("--observation, --subject and --offset choose from codings; give a file of them as well")
        return {}
    if observation is not None and len(opened) > 1:
        raise ConfigError(f"--observation {observation!r} cannot be of {len(opened)} recordings; give them one by one")
    codings, found = read_codings(path), {}
    for name, recording in opened.items():
        whole = " ".join(filter(None, (recording.subject, recording.session)))
        own = next((each for each in (name, whole) if each in codings.observations), None)
        if own is not None or len(opened) == 1:
            names = (name, whole, recording.subject)
            spans = codings.spans(observation=observation or own, subject=subject, names=names)
            found[name] = annotate(recording, spans, offset_s=offset)
    if not found:
        raise LabelError(
            f"{path} has no observation called {' or '.join(opened)}: there are {', '.join(codings.observations)}; "
            "rename one, or give the recordings one by one with --observation"
        )
    return found


def agreement_with(
    path: Path | None, ethograms: Mapping[str, Ethogram], coded: Mapping[str, Recording]
) -> tuple[CodedAgreement | None, list[str]]:
    """Return how far the states agree with what was coded, and notes on what could not be compared."""
    from motif.errors import LabelError
    from motif.evaluation import coded_agreement

    if not coded:
        return None, []
    missing = [name for name in ethograms if name not in coded]
    notes = [f"{path} has no observation called {name}, which is left out of the agreement" for name in missing]
    try:
        marks = [one.annotations for one in coded.values()]
        return coded_agreement([ethograms[name] for name in coded], marks), notes
    except LabelError as error:  # states that took an hour to find are written all the same
        return None, [*notes, f"{path}: {error}"]


def agreement_values(agreement: CodedAgreement) -> dict[str, Any]:
    """Return what can be written as JSON."""
    shares = {
        state: dict(zip(agreement.behaviours, map(float, row), strict=True))
        for state, row in zip(agreement.states, agreement.shares, strict=True)
    }
    seconds = {"coded_s": agreement.coded_s, "seen_s": agreement.seen_s}
    return {"nmi": agreement.nmi, "ari": agreement.ari, **seconds, "shares": shares}


def show_agreement(agreement: CodedAgreement) -> None:
    """Print a row a state: which share of its coded time was which behaviour."""
    title = (
        f"Agreement with what was coded: NMI {agreement.nmi:.2f}, ARI {agreement.ari:.2f}, "
        f"over {agreement.coded_s:.4g} s of {agreement.seen_s:.4g} s"
    )
    rows = [
        (state, *(round(float(share), 3) for share in row))
        for state, row in zip(agreement.states, agreement.shares, strict=True)
    ]
    print_table(title, ("state", *agreement.behaviours), rows)
