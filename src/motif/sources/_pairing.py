"""One-time links: a secret in the address, good for sending readings and nothing else, for one device, until revoked.

Only digests are kept; the secret itself is in the link that was handed out.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from motif.errors import ConfigError

__all__ = ["Admission", "Pairing", "Pairings"]

_SECRET_BYTES = 24


class Admission(StrEnum):
    """Whether a device may send."""

    WELCOME = "welcome"
    UNKNOWN = "unknown"
    """No such link was ever made."""
    REVOKED = "revoked"
    EXPIRED = "expired"
    """Nobody used it in time."""
    TAKEN = "taken"
    """Another device uses it."""


@dataclass(slots=True)
class Pairing:
    """A link that was handed out."""

    id: str
    """Names it in logs and lists; not the secret."""
    label: str
    n_devices: int
    """How many devices may use it; the first ones do."""
    expires_ns: int | None
    """Until when the first device must have come."""
    revoked: bool = False
    devices: set[str] = field(default_factory=set)

    def state(self, now_ns: int) -> Admission:
        """Say whether it is good, whoever uses it."""
        if self.revoked:
            return Admission.REVOKED
        if not self.devices and self.expires_ns is not None and now_ns > self.expires_ns:
            return Admission.EXPIRED
        return Admission.WELCOME

    def admit(self, device: str, now_ns: int) -> Admission:
        """Say whether a device may send by it; the first ones take it."""
        state = self.state(now_ns)
        if state is not Admission.WELCOME or device in self.devices:
            return state
        if len(self.devices) >= self.n_devices:
            return Admission.TAKEN
        self.devices.add(device)
        return Admission.WELCOME


class Pairings:
    """The links that are good at present.

    Examples
    --------
    >>> pairings = Pairings()
    >>> secret, pairing = pairings.issue(label="left hand")
    >>> [pairings.admit(secret, device, now_ns=0).value for device in ("phone a", "phone b")]
    ['welcome', 'taken']
    >>> pairings.revoke(pairing.id)
    >>> pairings.admit(secret, "phone a", now_ns=0).value
    'revoked'
    """

    def __init__(self) -> None:
        self._by_digest: dict[bytes, Pairing] = {}

    def __iter__(self) -> Iterator[Pairing]:
        return iter(self._by_digest.values())

    def issue(
        self, *, label: str = "", n_devices: int = 1, expires_ns: int | None = None, secret: str | None = None
    ) -> tuple[str, Pairing]:
        """Make a link's secret: 192 bits, or one that was handed out before.

        Raises
        ------
        ConfigError
            `n_devices` is not positive, or `secret` is too short to be one.
        """
        if n_devices < 1:
            raise ConfigError(f"n_devices={n_devices} lets nobody in; want 1 or more")
        if secret is not None and not re.fullmatch(r"[\w-]{16,}", secret, re.ASCII):
            raise ConfigError("that secret can be guessed; want at least 16 letters, digits, - and _, or leave it out")
        secret = secret or secrets.token_urlsafe(_SECRET_BYTES)
        digest = _digest(secret)
        pairing = Pairing(digest.hex()[:8], label, n_devices, expires_ns)
        self._by_digest[digest] = pairing
        return secret, pairing

    def find(self, secret: str, now_ns: int) -> tuple[Admission, Pairing | None]:
        """Say whether a link is good, whoever uses it."""
        digest = _digest(secret)
        pairing = self._by_digest.get(digest)  # which bytes of a digest agree tells nothing of the secret
        if pairing is None or not hmac.compare_digest(digest.hex()[:8], pairing.id):
            return Admission.UNKNOWN, None
        return pairing.state(now_ns), pairing

    def admit(self, secret: str, device: str, now_ns: int) -> Admission:
        """Say whether a device may send by this link; the first ones take it."""
        admission, pairing = self.find(secret, now_ns)
        return admission if pairing is None else pairing.admit(device, now_ns)

    def revoke(self, pairing_id: str) -> None:
        """Make a link useless, for all who have it.

        Raises
        ------
        ConfigError
            There is no such link.
        """
        for pairing in self._by_digest.values():
            if pairing.id == pairing_id:
                pairing.revoked = True
                return
        raise ConfigError(f"there is no link {pairing_id!r}; there are {[p.id for p in self._by_digest.values()]}")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()
