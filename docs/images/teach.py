"""Draw `teach.svg`, the training menu as it is: `python docs/images/teach.py`.

A simulated person with a phone sits before the real menu; what it prints is kept as SVG, without fonts from elsewhere.
"""

import io
import re
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

ROOT = Path(__file__).parents[2]
PICTURE = Path(__file__).with_name("teach.svg")
WITHOUT_FONTS = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def drawn() -> str:
    """Return the picture: gestures were taught and practised, then the menu and the analytics."""
    from tests.terminal.performer import Seat

    from motif.templates import GestureDatabase

    script = [
        "1", ("push", "push"), *[("", "push")] * 4, "d",
        "1", ("twist", "twist"), *[("", "twist")] * 2, "d",
        "2", ("push", "push"), *[("", "push")] * 3, "d",
        "2", ("twist", "twist"), ("", "push"), ("", "twist"), "d",
    ]  # fmt: skip
    console = Console(record=True, width=80, file=io.StringIO())
    forget = console.export_text  # of what was printed so far, the picture shows nothing
    with tempfile.TemporaryDirectory() as folder, GestureDatabase(f"{folder}/gestures") as database:
        Seat(database, Path(folder) / "session.json", [*script, forget, "4", "0"], console=console).run()
    return console.export_svg(title="motif", code_format=WITHOUT_FONTS, unique_id="teach")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    PICTURE.write_text(drawn(), encoding="utf-8")
