"""`python training/train_conv2d_vq.py [DATASET]`: codes by vector quantization, of simulated animals by default."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from motif.behavior import BehaviorClassifier
from motif.cli import exit_code
from motif.errors import MotifError
from motif.evaluation import score
from motif.recordings import holdout, load_dataset, simulate_quadruped


def main(
    dataset: Annotated[
        Path | None, typer.Argument(help="Labelled windows, in any layout `motif import` knows.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the bundle to write.")] = Path("artifacts/conv2d_vq"),
    epochs: Annotated[int, typer.Option(min=1, help="At most; it stops when it gains no more.")] = 20,
    seed: Annotated[int, typer.Option(help="Of the simulation, the split and the training.")] = 42,
) -> None:
    """Learn from most groups, say how codes and classes do on the others, write the bundle."""
    data = load_dataset(dataset) if dataset else simulate_quadruped(12, 10, random_state=seed)
    (fold,) = holdout(data, 0.25, random_state=seed)
    classifier = BehaviorClassifier(quantizer="vq", epochs=epochs, random_state=seed)
    classifier.fit(data.X[fold.train], data.y[fold.train], groups=data.groups[fold.train])
    judged = score(data.y[fold.test], classifier.predict_proba(data.X[fold.test]), data.class_names)
    usage = classifier.encode(data.X[fold.test]).usage
    metrics = {
        "accuracy": judged.accuracy,
        "ece": judged.ece,
        "codes_used": usage.n_used,
        "codebook_size": len(usage.counts),
        "perplexity": usage.perplexity,
    }
    for name, value in metrics.items():
        typer.echo(f"{name} {value:.4g}")
    typer.echo(classifier.save(out, name="conv2d VQ", class_names=data.class_names, metrics=metrics))


if __name__ == "__main__":
    try:
        typer.run(main)
    except MotifError as error:
        typer.echo(f"error ({error.code}): {error}", err=True)
        sys.exit(exit_code(error))
