"""How many there are of something, in words."""

__all__ = ["counted"]


def counted(n: int, singular: str, plural: str = "") -> str:
    """Return `1 take`, `2 takes`, `1 try`, `2 tries`."""
    return f"{n} {singular}" if n == 1 else f"{n} {plural or singular + 's'}"
