"""Documents that leave the house: rendered once, frozen with their SHA-256, served again byte for byte.

`freeze` renders and keeps the bytes, which is harmless when nothing comes of it; `Documents.issue` makes the
record and the event,
inside the transaction that changes what the document is about.
"""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pymongo import IndexModel

from chassis.files import Files, attachment
from chassis.http import Listing, Page, View, Work, paged, refusals, requires
from chassis.model import Aggregate, Value
from chassis.refusals import Missing
from chassis.rendering import render
from chassis.store import Store
from chassis.work import Work as WorkInHand
from contracts.shared import DocumentFact, Recipient

PDF = "application/pdf"


class DocumentMissing(Missing):
    """No such document, or not in the caller's branches."""

    rule = "SYS-010"
    zh = "没有文件 {id}"
    en = "There is no document {id}"


class Frozen(Value):
    """A rendered document that is not issued yet."""

    id: str
    branch: str
    kind: str
    about_kind: str
    about_id: str
    title: str
    language: str
    client_id: str
    sha256: str
    size: int
    sealed: str
    """The content, base64 and sealed, for the event."""


class Document(Aggregate):
    """An issued document; its bytes are the file with the same id."""

    kind: str
    about_kind: str
    about_id: str
    client_id: str
    title: str
    language: str
    media_type: str
    sha256: str
    size: int
    issued_at: datetime
    issued_by: str


class Documents(Store[Document]):
    """The issued documents of a service."""

    collection = "documents"
    model = Document
    missing = DocumentMissing
    indexes = [
        IndexModel([("about_id", 1), ("_id", 1)], name="about"),
        IndexModel([("branch", 1), ("_id", -1)], name="branch"),
    ]

    async def issue(self, frozen: Frozen, recipients: Sequence[Recipient], fact: type[DocumentFact]) -> Document:
        """Make the document known and have it sent; `fact` is the service's …DocumentIssued."""
        shared = frozen.model_dump(
            include={"kind", "about_kind", "about_id", "client_id", "title", "language", "sha256", "size"}
        )
        document = Document(
            id=frozen.id,
            branch=frozen.branch,
            media_type=PDF,
            issued_at=self.work.now,
            issued_by=self.work.actor.id,
            **shared,
        )
        told = fact(document_id=frozen.id, media_type=PDF, content=frozen.sealed, recipients=list(recipients), **shared)
        return await self.add(document, told)


async def freeze(
    work: WorkInHand,
    *,
    template: Path,
    data: dict[str, Any],
    kind: str,
    about_kind: str,
    about_id: str,
    title: str,
    branch: str,
    language: str = "zh",
    client_id: str = "",
) -> Frozen:
    """Render a template and keep the PDF. Repeated work gives the document that it gave first."""
    document_id = work.new_id("documents", kind, about_id, language)
    files = Files(work)
    if await work.db["files"].find_one({"_id": document_id}, {"_id": 1}):
        content = await files.read(document_id)
    else:
        content = await render(template, data)
        await files.keep(content, f"{title.translate(_UNSAFE)[:150]}.pdf", PDF, branch, document_id)
    return Frozen(
        id=document_id,
        branch=branch,
        kind=kind,
        about_kind=about_kind,
        about_id=about_id,
        title=title,
        language=language,
        client_id=client_id,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        sealed=work.db.keyring.seal(base64.b64encode(content).decode()),
    )


_UNSAFE = {ord(char): "_" for char in '/\\"\n\r\t'}


class DocumentView(View):
    """An issued document. `size` in bytes."""

    id: str
    version: int
    branch: str
    kind: str
    about_kind: str
    about_id: str
    client_id: str
    title: str
    language: str
    media_type: str
    sha256: str
    size: int
    issued_at: datetime
    issued_by: str


def documents_router(scope: str) -> APIRouter:
    """Routes to find and read issued documents: GET /documents, /documents/{id}, /documents/{id}/content."""
    router = APIRouter(prefix="/documents", tags=["documents"])

    @router.get("", dependencies=[requires(scope)])
    async def list_documents(
        work: Work,
        listing: Annotated[Listing, paged("issued_at")],
        about_id: Annotated[str | None, Query(max_length=64)] = None,
    ) -> Page[DocumentView]:
        """Issued documents by page; `about_id` narrows to those about one thing."""
        found = await Documents(work).page(listing, {"about_id": about_id} if about_id else None)
        return Page(items=[DocumentView.of(document) for document in found.items], next=found.next)

    @router.get("/{document_id}", dependencies=[requires(scope)], responses=refusals(DocumentMissing))
    async def show_document(document_id: str, work: Work) -> DocumentView:
        """The record of a document, with its SHA-256."""
        return DocumentView.of(await Documents(work).get(document_id))

    @router.get(
        "/{document_id}/content",
        dependencies=[requires(scope)],
        responses=refusals(DocumentMissing),
        response_class=Response,
    )
    async def download_document(document_id: str, work: Work) -> Response:
        """The PDF, byte for byte as it was issued."""
        document = await Documents(work).get(document_id)
        return attachment(await Files(work).read(document_id), document.media_type, f"{document.title}.pdf")

    return router
