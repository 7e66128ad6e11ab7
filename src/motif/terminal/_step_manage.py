"""Menu 3: look at the gestures, rename, delete, undo, export."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from motif.errors import MotifError
from motif.terminal._desk import Desk
from motif.terminal._step_record import undo_last
from motif.terminal._views import gestures_view

__all__ = ["manage_gestures"]

_PROMPT = "r: rename, x: delete, u: undo the last take, e: export, Enter: back"


async def manage_gestures(desk: Desk) -> None:
    """Show the gestures and change them until the person goes back."""
    while True:
        desk.follow()
        _show(desk)
        answer = await desk.question(_PROMPT)
        if answer == "u":
            undo_last(desk)
        elif answer in _ACTIONS:
            try:
                await _ACTIONS[answer](desk)
            except MotifError as error:
                desk.say(str(error), "yellow")
        elif answer:
            desk.say(f"There is no {answer!r}.", "yellow")
        else:
            return


def _show(desk: Desk) -> None:
    templates = [desk.database.get_template(name) for name in desk.database.list_templates()]
    rows = [
        {
            "name": template.name,
            "version": template.version,
            "num_samples": template.num_samples,
            "accuracy": template.accuracy if template.version else None,
            "consistency_score": template.consistency_score if template.version else None,
        }
        for template in templates
        if template is not None
    ]
    desk.show(gestures_view(rows, str(desk.database.get_stats()["state"])))


async def _rename(desk: Desk) -> None:
    old = await desk.choice("Which?", desk.database.list_templates())
    if old and (new := await desk.question(f"A new name for {old!r}")):
        desk.database.rename_template(old, new)
        desk.follow()


async def _delete(desk: Desk) -> None:
    name = await desk.choice("Which?", desk.database.list_templates())
    if not name:
        return
    if await desk.question(f"Delete {name!r} and all its samples? Write its name to be sure") != name:
        desk.say(f"{name!r} is not deleted.", "yellow")
    else:
        desk.database.delete_template(name)
        desk.note(desk.session.deleted(name))
        desk.say(f"{name!r} is deleted; backups of the database still hold it.")


async def _export(desk: Desk) -> None:
    name = await desk.choice("Which?", desk.database.list_templates())
    if name:
        path = Path(await desk.question("To which file?", f"{name}.json"))
        desk.database.export_template(name, path)
        desk.say(f"Written: {path}")


_ACTIONS: dict[str, Callable[[Desk], Awaitable[None]]] = {"r": _rename, "x": _delete, "e": _export}
