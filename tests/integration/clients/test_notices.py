"""A client notice from the template to the client's signature, over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.clients_work import TEXTS_BODY, ClientsService, clients_service
from tests.support.service import HQ


@pytest.fixture
async def clients(mongo_url: str) -> AsyncIterator[ClientsService]:
    async with clients_service(mongo_url) as known:
        yield known


async def published(clients: ClientsService, name: str = "2026-1", **told: Any) -> dict[str, Any]:
    com = clients.user("com", HQ)
    drafted = await com.post("/notice_editions", {"branch": HQ, "name": name, "texts": TEXTS_BODY} | told)
    assert drafted.status_code == 201, drafted.text
    answer = await com.post(f"/notice_editions/{drafted.json()['id']}/publication", match=1)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def issued(clients: ClientsService, client_id: str, branch: str = "gd", **told: Any) -> dict[str, Any]:
    ae = clients.user("ae", branch)
    drafted = await ae.post("/notices", {"client_id": client_id} | told)
    assert drafted.status_code == 201, drafted.text
    answer = await ae.post(f"/notices/{drafted.json()['id']}/issue", match=1)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def acknowledged(
    clients: ClientsService, notice: dict[str, Any], branch: str = "gd", **told: Any
) -> dict[str, Any]:
    body = {"signed_at": clients.service.clock().isoformat(), "evidence_id": await clients.has_file(branch)} | told
    path = f"/notices/{notice['id']}/acknowledgement"
    answer = await clients.user("ae", branch).post(path, body, match=notice["version"])
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.rule("CLI-050")
async def test_an_edition_that_lacks_items_of_article_50_is_refused_with_all_of_them(clients: ClientsService):
    com = clients.user("com", HQ)
    texts = {"company_name": {"zh": "保桥经纪"}}
    drafted = (await com.post("/notice_editions", {"branch": HQ, "name": "x", "texts": texts})).json()
    answer = await com.post(f"/notice_editions/{drafted['id']}/publication", match=1)
    assert (answer.status_code, answer.json()["rule"]["id"]) == (422, "CLI-050")
    assert {"/texts/remuneration", "/texts/complaints", "/texts/workflow"} <= {
        fault["pointer"] for fault in answer.json()["errors"]
    }
    texts = {item: text for item, text in TEXTS_BODY.items() if item != "company_name"}
    completed = await com.patch(f"/notice_editions/{drafted['id']}", {"texts": texts}, match=1)
    assert completed.json()["texts"]["company_name"]["zh"] == "保桥经纪"
    assert (await com.post(f"/notice_editions/{drafted['id']}/publication", match=2)).status_code == 200


@pytest.mark.rule("CLI-050")
async def test_represented_insurers_cannot_be_told(clients: ClientsService):
    texts = {**TEXTS_BODY, "represented_insurers": {"zh": "某财险"}}
    answer = await clients.user("com", HQ).post("/notice_editions", {"branch": HQ, "name": "x", "texts": texts})
    assert answer.status_code == 422


@pytest.mark.rule("CLI-051")
async def test_a_published_edition_never_changes_and_its_name_stands_once(clients: ClientsService):
    edition = await published(clients)
    com = clients.user("com", HQ)
    changed = await com.patch(f"/notice_editions/{edition['id']}", {"texts": {"place": None}}, match=edition["version"])
    assert (changed.status_code, changed.json()["rule"]["id"]) == (409, "CLI-051")
    again = await com.post("/notice_editions", {"branch": HQ, "name": "2026-1", "texts": {}})
    assert (again.status_code, again.json()["type"]) == (409, "urn:baoqiao:problem:edition-taken")


@pytest.mark.rule("CLI-052")
async def test_a_notice_is_issued_and_signed_for(clients: ClientsService):
    await published(clients)
    client = await clients.has_client()
    notice = await issued(clients, client.id, texts={"contact": {"zh": "您的客户经理:钱二"}})
    assert (notice["status"], notice["edition"], notice["issued_on"]) == ("issued", "2026-1", "2026-03-02")
    assert notice["texts"]["contact"]["zh"] == "您的客户经理:钱二"
    clients.service.clock.move(hours=2)
    signed = await acknowledged(clients, notice)
    assert (signed["status"], signed["branch"]) == ("acknowledged", "gd")
    assert await clients.told("notices", notice["id"]) == [
        "client_notice_drafted",
        "client_notice_issued",
        "client_notice_acknowledged",
    ]


@pytest.mark.rule("CLI-051")
async def test_without_a_published_edition_nothing_is_drafted(clients: ClientsService):
    client = await clients.has_client()
    answer = await clients.user("ae").post("/notices", {"client_id": client.id})
    assert (answer.status_code, answer.json()["rule"]["id"]) == (409, "CLI-051")


@pytest.mark.rule("CLI-051")
async def test_a_draft_on_an_old_edition_is_not_issued(clients: ClientsService):
    await published(clients)
    client = await clients.has_client()
    ae = clients.user("ae")
    drafted = (await ae.post("/notices", {"client_id": client.id})).json()
    clients.service.clock.move(days=1)
    await published(clients, name="2026-2")
    answer = await ae.post(f"/notices/{drafted['id']}/issue", match=1)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:baoqiao:problem:edition-outdated")


@pytest.mark.rule("CLI-053")
async def test_a_signed_notice_stands_until_the_newer_one_is_signed(clients: ClientsService):
    await published(clients)
    client = await clients.has_client()
    first = await acknowledged(clients, await issued(clients, client.id))
    second = await issued(clients, client.id)
    third = await issued(clients, client.id)
    ae = clients.user("ae")

    async def status_of(notice: dict[str, Any]) -> str:
        return (await ae.get(f"/notices/{notice['id']}")).json()["status"]

    assert [await status_of(notice) for notice in (first, second, third)] == ["acknowledged", "superseded", "issued"]
    await acknowledged(clients, third)
    assert [await status_of(notice) for notice in (first, third)] == ["superseded", "acknowledged"]
    listed = (await ae.get("/notices", params={"client_id": client.id, "status": "acknowledged"})).json()["items"]
    assert [notice["id"] for notice in listed] == [third["id"]]


@pytest.mark.rule("CLI-052")
async def test_a_signature_needs_its_file_a_contact_of_the_client_and_a_possible_time(clients: ClientsService):
    await published(clients)
    client = await clients.has_client()
    notice = await issued(clients, client.id)
    path, file_id, ae = f"/notices/{notice['id']}/acknowledgement", await clients.has_file(), clients.user("ae")
    good = {"signed_at": clients.service.clock().isoformat(), "evidence_id": file_id, "contact_id": "c-sign"}
    for wrong, expected in (
        ({"evidence_id": "nothing"}, (404, "file-missing")),
        ({"contact_id": "stranger"}, (404, "contact-not-found")),
        ({"signed_at": "2026-03-03T00:00:00+08:00"}, (422, "acknowledged-out-of-time")),
    ):
        answer = await ae.post(path, good | wrong, match=2)
        assert (answer.status_code, answer.json()["type"].split(":")[-1]) == expected
    assert (await ae.post(path, good, match=2)).status_code == 200


async def test_a_repeated_signature_is_answered_as_the_first(clients: ClientsService):
    await published(clients)
    client = await clients.has_client()
    notice = await issued(clients, client.id)
    body = {"signed_at": clients.service.clock().isoformat(), "evidence_id": await clients.has_file()}
    path = f"/notices/{notice['id']}/acknowledgement"
    first = await clients.user("ae").post(path, body, match=2, key="k")
    second = await clients.user("ae").post(path, body, match=2, key="k")
    assert (second.status_code, second.json()) == (200, first.json())
    assert second.headers["idempotent-replayed"] == "true"


async def test_another_branch_sees_no_notice_and_issues_none(clients: ClientsService):
    await published(clients)
    client = await clients.has_client()
    notice = await issued(clients, client.id)
    stranger = clients.user("zj-ae", "zj")
    assert (await stranger.get(f"/notices/{notice['id']}")).status_code == 404
    assert (await stranger.get("/notices")).json()["items"] == []
    assert (await stranger.post("/notices", {"client_id": client.id})).status_code == 404
    assert (await stranger.get("/notice_editions")).json()["items"][0]["name"] == "2026-1"


@pytest.mark.rule("CLI-053")
async def test_after_a_merge_across_branches_there_is_one_notice_to_sign_and_one_signed(clients: ClientsService):
    await published(clients)
    kept, gone = await clients.has_client(), await clients.has_client(branch="zj", identity=None, name="启朗物流")
    theirs = await issued(clients, gone.id, "zj")
    await clients.merged(gone, kept)
    theirs["version"] += 1
    await acknowledged(clients, theirs, "zj", contact_id="c-sign")
    ours = await issued(clients, kept.id)
    await acknowledged(clients, ours)
    left, right = [await clients.has_client(branch=branch, identity=None, name="云泽") for branch in ("zj", "gd")]
    waiting = await issued(clients, left.id, "zj")
    await clients.merged(left, right)
    newer = await issued(clients, right.id)
    head = clients.user("gm", HQ)
    shown = [(await head.get(f"/notices/{notice['id']}")).json() for notice in (theirs, ours, waiting, newer)]
    assert [notice["status"] for notice in shown] == ["superseded", "acknowledged", "superseded", "issued"]


@pytest.mark.rule("CLI-007")
async def test_notices_follow_a_merged_record_and_one_stays_signed(clients: ClientsService):
    await published(clients)
    kept, gone = await clients.has_client(), await clients.has_client(identity=None, name="启朗物流")
    signed_before = await acknowledged(clients, await issued(clients, gone.id))
    signed = await acknowledged(clients, await issued(clients, kept.id))
    waiting = await issued(clients, gone.id)
    await clients.merged(gone, kept)
    listed = (await clients.user("ae").get("/notices", params={"client_id": kept.id})).json()["items"]
    assert {notice["id"]: notice["status"] for notice in listed} == {
        signed_before["id"]: "superseded",
        signed["id"]: "acknowledged",
        waiting["id"]: "issued",
    }
