"""Files: bytes in GridFS with SHA-256, media type and size checked, read back only as they were kept.

Promises: what is read is what was kept, or an error; bytes are sealed in the store, because files carry personal data;
a file belongs to a branch and is found only within it. Does not promise: a look into the content beyond its first
bytes.
"""

import hashlib
from typing import Annotated

from bson import ObjectId
from cryptography.exceptions import InvalidTag
from fastapi import APIRouter, Form, Response, UploadFile
from gridfs.asynchronous import AsyncGridFSBucket
from gridfs.errors import CorruptGridFile, NoFile
from pymongo.errors import DuplicateKeyError

from chassis.database import Document
from chassis.http import View, Work, refusals, requires
from chassis.model import Value
from chassis.refusals import Fault, Invalid, Missing
from chassis.store import KeyReused
from chassis.work import Work as WorkInHand

MOST_BYTES = 8 * 1024 * 1024
OF_NO_BRANCH = ""
"""The branch of a file that no caller finds, only the service itself."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    XLSX: (b"PK\x03\x04",),
    DOCX: (b"PK\x03\x04",),
    "text/csv": (),
    "text/plain": (),
    "message/rfc822": (),
}


class FileMissing(Missing):
    """No such file, or not in the caller's branches."""

    rule = "SYS-010"
    zh = "没有文件 {id}"
    en = "There is no file {id}"
    todo_zh = "请先用 POST /files 上传"
    todo_en = "Upload it first with POST /files"


class FileRefused(Invalid):
    """Type, size or content of a file is not allowed."""

    rule = "SYS-010"
    zh = "文件不被接受:{why}"
    en = "The file is not accepted: {why}"
    todo_zh = "允许:PDF、PNG、JPEG、XLSX、DOCX、CSV、TXT、EML,最大 8 MiB"
    todo_en = "Allowed: PDF, PNG, JPEG, XLSX, DOCX, CSV, TXT, EML, at most 8 MiB"


class BranchMissing(Missing):
    """The branch does not exist for the caller."""

    rule = "SYS-007"
    zh = "没有机构 {id}"
    en = "There is no branch {id}"


class StoredFile(Value):
    """A file that is kept. `size` in bytes, `sha256` in hex."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    branch: str


def check(content: bytes, name: str, media_type: str) -> None:
    """Raise FileRefused for a file that is not allowed. Rule: SYS-010."""
    begins = BEGINNINGS.get(media_type)
    why = ""
    if begins is None:
        why = f"media type {media_type[:80]}"
    elif not content or len(content) > MOST_BYTES:
        why = f"{len(content)} bytes"
    elif begins and not content.startswith(begins):
        why = f"the content is not {media_type}"
    elif not begins and b"\x00" in content:
        why = "the content is not text"
    elif not name.strip() or len(name) > 200 or any(ord(char) < 32 or char in '/\\"' for char in name):
        why = "its name"
    if why:
        raise FileRefused([Fault("/file", f"文件不被接受:{why}", why)], why=why)


class Files:
    """The files of a service, seen through one piece of work."""

    def __init__(self, work: WorkInHand) -> None:
        self.work = work
        self._bucket = AsyncGridFSBucket(work.db.database, "blobs")

    async def keep(self, content: bytes, name: str, media_type: str, branch: str, file_id: str = "") -> StoredFile:
        """Keep bytes; the same id again keeps nothing new. Raises FileRefused, BranchMissing."""
        sent = self._described(content, name, media_type, branch, file_id)
        kept, _ = await self._insert(sent, content)
        if kept.sha256 != sent.sha256:
            raise FileRefused(why="another file has this id")
        return kept

    async def receive(self, content: bytes, name: str, media_type: str, branch: str) -> StoredFile:
        """Keep the file that a caller sends; his key tells a repeat. Raises FileRefused, BranchMissing, KeyReused."""
        sent = self._described(content, name, media_type, branch)
        kept, repeated = await self._insert(sent, content)
        if kept != sent:
            raise KeyReused
        self.work.answer.repeated = repeated
        return kept

    def _described(self, content: bytes, name: str, media_type: str, branch: str, file_id: str = "") -> StoredFile:
        check(content, name, media_type)
        if not self.work.sees(branch):
            raise BranchMissing(id=branch)
        return StoredFile(
            id=file_id or self.work.new_id("files"),
            name=name,
            media_type=media_type,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            branch=branch,
        )

    async def _insert(self, sent: StoredFile, content: bytes) -> tuple[StoredFile, bool]:
        """What is kept under the file's id, and whether it was there. Bytes first: their record makes them findable."""
        blob = ObjectId()
        await self._bucket.upload_from_stream_with_id(blob, sent.id, self.work.db.keyring.seal_bytes(content))
        document = {
            **sent.model_dump(exclude={"id"}),
            "_id": sent.id,
            "blob": blob,
            "at": self.work.now,
            "actor": self.work.actor.id,
        }
        try:
            await self.work.db["files"].insert_one(document)
        except DuplicateKeyError:
            await self._bucket.delete(blob)
            return await self.get(sent.id), True
        return sent, False

    async def get(self, file_id: str) -> StoredFile:
        """The record of a file; raises FileMissing."""
        found = await self._find(file_id)
        return StoredFile.model_validate(
            {name: found["_id" if name == "id" else name] for name in StoredFile.model_fields}
        )

    async def read(self, file_id: str) -> bytes:
        """The bytes, checked against their SHA-256."""
        found = await self._find(file_id)
        try:
            sealed = await self._bytes(found)
        except (NoFile, CorruptGridFile):
            found = await self._find(file_id)  # sealed anew in this moment: the record points to new bytes
            sealed = await self._bytes(found)
        try:
            content = self.work.db.keyring.open_bytes(sealed)
        except InvalidTag as error:
            raise OSError(f"file {file_id} was changed in the store") from error
        if hashlib.sha256(content).hexdigest() != found["sha256"]:
            raise OSError(f"file {file_id} was changed in the store")
        return content

    async def _bytes(self, found: Document) -> bytes:
        stream = await self._bucket.open_download_stream(found["blob"])
        return await stream.read()

    async def _find(self, file_id: str) -> Document:
        scope = {} if self.work.reach is None else {"branch": {"$in": list(self.work.reach)}}
        found = await self.work.db["files"].find_one({"_id": file_id, **scope}, session=self.work.session)
        if found is None:
            raise FileMissing(id=file_id)
        return found


class FileView(View):
    """A file's record. `size` in bytes."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    branch: str


def attachment(content: bytes, media_type: str, name: str) -> Response:
    """Bytes as a download that no browser will run."""
    from urllib.parse import quote

    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Content-Security-Policy": "default-src 'none'",
    }
    return Response(content, media_type=media_type, headers=headers)


def files_router(read_scope: str, write_scope: str) -> APIRouter:
    """Routes to upload and read files: POST /files, GET /files/{id}, GET /files/{id}/content."""
    router = APIRouter(prefix="/files", tags=["files"])

    @router.post(
        "", status_code=201, dependencies=[requires(write_scope)], responses=refusals(FileRefused, BranchMissing)
    )
    async def upload_file(work: Work, file: UploadFile, branch: Annotated[str, Form(max_length=64)]) -> FileView:
        """Keep a file as evidence or input; at most 8 MiB. Its id is what other requests refer to.

        Rule: SYS-010 (docs/rules/chassis.md).
        """
        content = await file.read(MOST_BYTES + 1)
        return FileView.of(await Files(work).receive(content, file.filename or "", file.content_type or "", branch))

    @router.get("/{file_id}", dependencies=[requires(read_scope)], responses=refusals(FileMissing))
    async def show_file(file_id: str, work: Work) -> FileView:
        """The record of a file."""
        return FileView.of(await Files(work).get(file_id))

    @router.get(
        "/{file_id}/content",
        dependencies=[requires(read_scope)],
        responses=refusals(FileMissing),
        response_class=Response,
    )
    async def download_file(file_id: str, work: Work) -> Response:
        """The bytes, as they were kept."""
        files = Files(work)
        record = await files.get(file_id)
        return attachment(await files.read(file_id), record.media_type, record.name)

    return router
