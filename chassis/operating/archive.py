"""A backup on disk: a manifest, and for each collection a file of its documents as MongoDB has them (BSON, gzip).

The manifest says up to where each file is whole; what stands behind is cut off before more is written.
"""

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bson import json_util

from chassis.operating.desk import Told

FORMAT = 1
LENGTH_BYTES = 4


class Archive:
    """One backup in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "manifest.json"
        self.manifest: dict[str, Any] = {"format": FORMAT, "done": False, "services": {}}
        if self._file.exists():
            self.manifest = json_util.loads(self._file.read_text(encoding="utf-8"))

    @property
    def there(self) -> bool:
        """Whether something was kept here."""
        return self._file.exists()

    def keep(self) -> None:
        """Write the manifest: beside it first, then in its place."""
        self._folder.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json_util.dumps(self.manifest, indent=1), encoding="utf-8")
        new.replace(self._file)

    def collections(self, service: str) -> dict[str, dict[str, Any]]:
        """Of each collection: how many documents and bytes are kept, the last `_id`, and whether that is all."""
        return self.manifest["services"].setdefault(service, {})

    def append(self, service: str, collection: str, documents: Iterable[bytes], last: Any) -> None:
        """Keep documents behind those that are there, durably, then say so in the manifest."""
        kept = self.collections(service)[collection]
        path = self._path(service, collection)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        documents = list(documents)
        with path.open("r+b") as file:
            file.truncate(kept["bytes"])
            file.seek(kept["bytes"])
            file.write(gzip.compress(b"".join(documents), 6))
            file.flush()
            os.fsync(file.fileno())
            kept["bytes"] = file.tell()
        kept["documents"] += len(documents)
        kept["last"] = last
        self.keep()

    def documents(self, service: str, collection: str) -> Iterator[bytes]:
        """All documents of a collection, in the order of their `_id`."""
        path = self._path(service, collection)
        if not self.collections(service)[collection]["documents"]:
            return
        try:
            with gzip.open(path) as file:
                while head := file.read(LENGTH_BYTES):
                    yield head + file.read(int.from_bytes(head, "little") - LENGTH_BYTES)
        except (OSError, EOFError, zlib.error) as error:
            raise Told(
                f"{path} 已损坏({error}):请使用另一份备份", f"{path} is damaged ({error}): use another backup"
            ) from error

    def _path(self, service: str, collection: str) -> Path:
        return self._folder / service / f"{collection}.bson.gz"
