"""Files are kept with their fingerprint, within their branch, and only of the kinds that are allowed."""

import hashlib
from typing import Any

import httpx
import pytest
from gridfs.asynchronous import AsyncGridFSBucket

from tests.support.service import RunningService

PDF = b"%PDF-1.7 made for a test"


async def upload(
    service: RunningService, content: bytes = PDF, kind: str = "application/pdf", **more: str
) -> httpx.Response:
    caller = service.user("ann", more.pop("branch", "hq"))
    return await caller.post(
        "/files", files={"file": (more.pop("name", "证据.pdf"), content, kind)}, data={"branch": "hq"}, **more
    )


async def test_a_file_is_read_as_it_was_kept(sample: RunningService):
    made = await upload(sample)
    assert (made.status_code, made.json()["sha256"]) == (201, hashlib.sha256(PDF).hexdigest())
    read = await sample.user("bob").get(f"/files/{made.json()['id']}/content")
    assert (read.content, read.headers["content-type"]) == (PDF, "application/pdf")
    assert read.headers["content-disposition"].startswith("attachment")


async def test_a_repeated_upload_keeps_one_file_although_the_separator_differs(sample: RunningService):
    first, second = await upload(sample, key="k"), await upload(sample, key="k")
    assert (second.status_code, second.json()) == (201, first.json())
    assert [answer.headers.get("Idempotent-Replayed") for answer in (first, second)] == [None, "true"]
    assert await sample.host.db["files"].count_documents({}) == 1
    assert await sample.host.db["blobs.files"].count_documents({}) == 1


@pytest.mark.rule("SYS-004")
@pytest.mark.parametrize("other", [{"content": PDF + b"."}, {"name": "别的.pdf"}])
async def test_another_file_under_the_same_key_is_refused(sample: RunningService, other: dict[str, Any]):
    await upload(sample, key="k")
    answer = await upload(sample, **other, key="k")
    assert (answer.status_code, answer.json()["rule"]["id"]) == (422, "SYS-004")


@pytest.mark.rule("SYS-010")
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"MZ\x90", "application/x-msdownload"),
        (b"<html>", "application/pdf"),
        (b"", "text/plain"),
        (b"a\x00b", "text/csv"),
    ],
)
async def test_what_is_not_what_it_says_is_refused(sample: RunningService, content: bytes, kind: str):
    answer = await upload(sample, content, kind)
    assert (answer.status_code, answer.json()["rule"]["id"]) == (422, "SYS-010")


@pytest.mark.rule("SYS-007")
async def test_a_file_of_another_branch_does_not_exist(sample: RunningService):
    await sample.knows_branch("gd")
    made = (await upload(sample)).json()
    assert (await sample.user("bob", "gd").get(f"/files/{made['id']}/content")).status_code == 404
    assert (await upload(sample, branch="gd")).status_code == 404


async def test_files_have_the_indexes_of_the_driver_before_the_first_one_comes(sample: RunningService):
    db = sample.host.db
    for name in ("blobs.files", "blobs.chunks"):
        await db[name].drop()
    await sample.host.prepare()
    await AsyncGridFSBucket(db.database, "others").upload_from_stream("a", b"a")
    for part in ("files", "chunks"):
        ours, others = db[f"blobs.{part}"], db[f"others.{part}"]
        assert await ours.index_information() == await others.index_information()
        await others.drop()
