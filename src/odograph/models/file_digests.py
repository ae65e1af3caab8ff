"""The sha256 of a file of weights: the hub's own where its cache says it, else kept once had.

What is kept lies in odograph's own cache folder, never beside the model: that may be read-only.
"""

import hashlib
import json
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

#: A smaller file is hashed within a tenth of a second: nothing is kept of it.
LEAST_KEPT = 32 * 2**20
_SHA256 = re.compile(r"[0-9a-f]{64}")


def file_sha256(path: Path) -> str:
    """sha256 of a file in hexadecimal, read only where it is not known.

    The hub's cache calls what is stored in LFS by its sha256. Of other files it is known for as
    long as path, size and times are the same; the time of the last change of the inode too, since
    a copy may bring the date of another file with it.
    """
    real = path.resolve()
    if real.parent.name == "blobs" and _SHA256.fullmatch(real.name):
        return real.name
    facts = real.stat()
    if facts.st_size < LEAST_KEPT:
        return _hashed(real)
    key = f"{real}\0{facts.st_size}\0{facts.st_mtime_ns}\0{facts.st_ctime_ns}"
    place = _place(real)
    known = _kept(place, key)
    if known is None:
        known = _hashed(real)
        _keep(place, key, known)
    return known


def _hashed(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _place(path: Path) -> Path:
    """One small file for each path: processes that hash at once write no file of each other."""
    from platformdirs import user_cache_path

    name = hashlib.sha256(os.fsencode(path)).hexdigest()
    return user_cache_path("odograph", appauthor=False) / "weights" / f"{name}.json"


def _kept(place: Path, key: str) -> str | None:
    """What was kept, if it is of this very file; whatever else lies there says nothing."""
    try:
        kept = json.loads(place.read_text("utf-8"))
        sha256 = kept["sha256"] if kept["key"] == key else ""
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return sha256 if isinstance(sha256, str) and _SHA256.fullmatch(sha256) else None


def _keep(place: Path, key: str, sha256: str) -> None:
    """Keeps it whole or not at all; where nothing can be kept, it is hashed again next time."""
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=place.parent, suffix=".part", encoding="utf-8", delete=False
        ) as part:
            json.dump({"key": key, "sha256": sha256}, part)
        Path(part.name).replace(place)
