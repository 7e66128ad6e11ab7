"""A signature over the manifest, which vouches for every other file: Ed25519, with a key that stays on this machine."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from motif.bundles._manifest import MANIFEST, SIGNATURE
from motif.errors import BundleError, ConfigError, MissingFileError, WriteError
from motif.files import write_bytes
from motif.optional import require

__all__ = ["check_key", "check_signature", "new_key", "sign"]

MAX_SIGNATURE_BYTES = 4096


def new_key(path: str | Path) -> str:
    """Write a new private key to `path`, readable by its owner only, and return its public half, 64 hex digits.

    Raises
    ------
    ConfigError
        Something is there already: a key is never overwritten.
    WriteError, MissingExtraError
    """
    serialization, ed25519 = _library()
    key = ed25519.Ed25519PrivateKey.generate()
    content = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ConfigError(f"{path} is there already, and a key is never overwritten; choose another name") from error
    except OSError as error:
        raise WriteError(path, error) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return _public_hex(key)


def check_key(key: str | Path) -> None:
    """Raise where `key` is no file with a private key to sign with.

    Raises
    ------
    MissingFileError, ConfigError, MissingExtraError
    """
    _read_key(Path(key), _library()[1])


def sign(path: str | Path, key: str | Path) -> str:
    """Sign the pack at `path` with the private key in the file `key`; return the public half, 64 hex digits.

    Raises
    ------
    MissingFileError
        There is no such pack or key.
    ConfigError
        The file holds no Ed25519 key.
    """
    _, ed25519 = _library()
    private = _read_key(Path(key), ed25519)
    signature = private.sign(_manifest(Path(path)))
    public = _public_hex(private)
    record = {"algorithm": "ed25519", "public_key": public, "signature": signature.hex()}
    write_bytes(Path(path) / SIGNATURE, (json.dumps(record, indent=2, sort_keys=True) + "\n").encode())
    return public


def check_signature(path: str | Path, public_key: str) -> None:
    """Raise where the pack at `path` is not signed with the key you trust.

    Parameters
    ----------
    path : folder of the pack
    public_key : 64 hex digits
        From whoever signed, by another way than the pack itself: what a pack says of its own key is worth nothing.

    Raises
    ------
    BundleError
        It is not signed, signed with another key, or its manifest was altered afterwards.
    """
    _, ed25519 = _library()
    from cryptography.exceptions import InvalidSignature

    record = _record(Path(path))
    try:
        if record["algorithm"] != "ed25519" or record["public_key"] != public_key.lower():
            raise BundleError(f"{path} is signed with another key than {public_key[:16]}…; do not use it")
        trusted = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        trusted.verify(bytes.fromhex(record["signature"]), _manifest(Path(path)))
    except InvalidSignature as error:
        raise BundleError(f"{path} was altered after it was signed; do not use it") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise BundleError(f"{path / Path(SIGNATURE)} is no signature; do not use it") from error
    except ValueError as error:
        if isinstance(error, BundleError):
            raise
        raise ConfigError(f"{public_key!r} is no public key; want 64 hex digits") from error


def _record(path: Path) -> dict[str, Any]:
    try:
        with (path / SIGNATURE).open("rb") as file:
            record = json.loads(file.read(MAX_SIGNATURE_BYTES))
    except FileNotFoundError as error:
        raise BundleError(f"{path} is not signed; ask for a signed one") from error
    except (ValueError, OSError, RecursionError) as error:
        raise BundleError(f"{path / SIGNATURE} cannot be read ({error}); do not use it") from error
    if not isinstance(record, dict):
        raise BundleError(f"{path / SIGNATURE} is no signature; do not use it")
    return record


def _manifest(path: Path) -> bytes:
    try:
        return (path / MANIFEST).read_bytes()
    except FileNotFoundError as error:
        raise MissingFileError(path, want="the folder of a pack") from error


def _read_key(path: Path, ed25519: Any) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise MissingFileError(path, want="a private key; `motif pack key FILE` makes one") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"{path} holds no private key; `motif pack key FILE` makes one") from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise ConfigError(f"{path} holds another kind of key; want Ed25519: `motif pack key FILE` makes one")
    return key


def _public_hex(key: Any) -> str:
    content: bytes = key.public_key().public_bytes_raw()
    return content.hex()


def _library() -> tuple[Any, Any]:
    serialization = require("cryptography.hazmat.primitives.serialization", extra="service")
    return serialization, require("cryptography.hazmat.primitives.asymmetric.ed25519", extra="service")
