"""A pack as one zip file, and back: our own strict reading, because archives are how strangers' files come in."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from pathlib import Path

from motif.bundles._manifest import MANIFEST, SAFE_NAME, SIGNATURE, Manifest, read_files
from motif.bundles.pack._shelf import ARTIFACTS, HASH_DIGITS, find, read_pack, whole
from motif.errors import BundleError, ConfigError, MissingFileError
from motif.files import atomic_folder, write_bytes

__all__ = ["archive", "extract"]

FORMATS = ("zip",)
MAX_ENTRIES = 1000
MAX_TOTAL_BYTES = 2**30
MAX_ARCHIVE_BYTES = 2**30
MAX_RATIO = 200
"""Of what an entry unpacks to over what it takes: deflate reaches 1000 on zeros, models about 2."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LINK = 0o120000
_KIND = 0o170000


def archive(
    short: str, artifacts: str | Path = ARTIFACTS, *, format: str = "zip", out: str | Path | None = None
) -> Path:
    """Write a pack as one file, `HASH.zip` beside it or `out`; the same pack gives the same bytes.

    Parameters
    ----------
    short : digits of the pack's hash, or its folder
    format : {"zip"}
        tar archives are not written: reading them safely has failed too often.

    Raises
    ------
    ConfigError
        Another format.
    MissingFileError, BundleError, WriteError
    """
    if format not in FORMATS:
        raise ConfigError(f"format is {format!r}; want zip")
    path = find(short, artifacts)
    pack = read_pack(path)
    _, files = read_files(path)
    files = {**files, MANIFEST: (path / MANIFEST).read_bytes()}
    if pack.is_signed:
        files[SIGNATURE] = (path / SIGNATURE).read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o100644 << 16
            packed.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    place = Path(out) if out is not None else path.parent / f"{pack.hash}.zip"
    write_bytes(place, buffer.getvalue())
    return place


def extract(file: str | Path, artifacts: str | Path = ARTIFACTS) -> Path:
    """Read an archive and put the pack in it on the shelf; nothing is written before all of it is checked.

    Raises
    ------
    MissingFileError
        There is no such file.
    BundleError
        It is no zip archive, or one with a name that leads elsewhere, a link, one name twice (or the same but for
        upper and lower case), too many entries, too much to unpack, or anything a pack's manifest does not vouch for.
    """
    file = Path(file)
    if not file.is_file():
        raise MissingFileError(file, want="a pack as `motif pack archive` writes it")
    if file.stat().st_size > MAX_ARCHIVE_BYTES:
        raise BundleError(f"{file} is larger than {MAX_ARCHIVE_BYTES} bytes; no pack is")
    try:
        with zipfile.ZipFile(file) as packed:
            contents = {entry.filename: _read(packed, entry) for entry in _checked(file, packed.infolist())}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        if isinstance(error, BundleError):
            raise
        raise BundleError(f"{file} cannot be unpacked ({error}); copy it again") from error
    manifest = _manifest_of(file, contents)
    place = Path(artifacts) / manifest.content_hash[:HASH_DIGITS]
    if SIGNATURE not in contents and whole(place) is not None:
        return place  # with the signature that it may have
    with atomic_folder(place, known_by=MANIFEST) as folder:
        for name, content in contents.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        read_files(folder)
    return place


def _checked(file: Path, entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    if len(entries) > MAX_ENTRIES:
        raise BundleError(f"{file} holds {len(entries)} entries; a pack has at most {MAX_ENTRIES}")
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if not SAFE_NAME.fullmatch(name) or entry.orig_filename != name:
            raise BundleError(f"{file} holds {name!r}, which is no name for a file of a pack; do not use it")
        if (entry.external_attr >> 16) & _KIND == _LINK:
            raise BundleError(f"{file} holds the link {name}; a pack holds files only: do not use it")
        folded = name.casefold()
        if folded in seen or any(folded.startswith(f"{other}/") or other.startswith(f"{folded}/") for other in seen):
            raise BundleError(f"{file} holds {name} twice, or a name below a file; do not use it")
        seen.add(folded)
        if entry.file_size > MAX_RATIO * max(entry.compress_size, 64):
            raise BundleError(f"{file} holds {name}, which unpacks to {entry.file_size} bytes; do not use it")
    total = sum(entry.file_size for entry in entries)
    if total > MAX_TOTAL_BYTES:
        raise BundleError(f"{file} unpacks to {total} bytes; a pack has at most {MAX_TOTAL_BYTES}: do not use it")
    return entries


def _read(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with packed.open(entry) as opened:
        content = opened.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise BundleError(f"{entry.filename} is not as large as the archive says; do not use it")
    return content


def _manifest_of(file: Path, contents: dict[str, bytes]) -> Manifest:
    try:
        manifest = Manifest.model_validate(json.loads(contents[MANIFEST]))
    except (KeyError, ValueError, RecursionError) as error:
        raise BundleError(f"{file} holds no manifest of a pack ({error}); archive the pack again") from error
    if set(contents) - {MANIFEST, SIGNATURE} != set(manifest.files):
        raise BundleError(f"{file} holds other files than its manifest lists; do not use it")
    for name, entry in manifest.files.items():
        if hashlib.sha256(contents[name]).hexdigest() != entry.sha256:
            raise BundleError(f"{file}: {name} is not what the manifest says; copy it again")
    return manifest
