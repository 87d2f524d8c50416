"""A mandate from the draft to its end, over HTTP and by the clock."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.clients.clients.model import Client
from tests.support.clients_work import ClientsService, clients_service

TERMS: dict[str, Any] = {
    "kind": "contract",
    "line_families": ["property", "motor"],
    "services": "拟订投保方案、选择保险公司、协助索赔",
    "from_on": "2026-03-01",
    "until_on": "2027-02-28",
    "fee": {"basis": "commission"},
}


@pytest.fixture
async def clients(mongo_url: str) -> AsyncIterator[ClientsService]:
    async with clients_service(mongo_url) as known:
        yield known


async def drafted(clients: ClientsService, client: Client, **terms: Any) -> dict[str, Any]:
    ae = clients.user("ae", client.branch)
    answer = await ae.post("/mandates", {"client_id": client.id, "terms": TERMS | terms})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def passed(clients: ClientsService, client: Client, **terms: Any) -> dict[str, Any]:
    mandate = await drafted(clients, client, **terms)
    await clients.user("ae", client.branch).post(f"/mandates/{mandate['id']}/submission", match=1)
    com = clients.user("com", client.branch)
    answer = await com.post(f"/mandates/{mandate['id']}/review", {"passed": True}, match=2)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def signature(clients: ClientsService, **told: Any) -> dict[str, Any]:
    now = clients.service.clock().isoformat()
    body = {"client_contact_id": "c-sign", "client_signed_at": now, "broker_user_id": "bm", "broker_signed_at": now}
    return body | {"evidence_id": await clients.has_file()} | told


async def signed(clients: ClientsService, client: Client, **terms: Any) -> dict[str, Any]:
    mandate = await passed(clients, client, **terms)
    path = f"/mandates/{mandate['id']}/signature"
    answer = await clients.user("ae").post(path, await signature(clients), match=mandate["version"])
    assert answer.status_code == 200, answer.text
    return answer.json()


async def status_of(clients: ClientsService, mandate: dict[str, Any]) -> str:
    return (await clients.user("ae").get(f"/mandates/{mandate['id']}")).json()["status"]


@pytest.mark.rule("CLI-058")
async def test_a_contract_is_drafted_reviewed_signed_and_in_force(clients: ClientsService):
    mandate = await signed(clients, await clients.has_client())
    assert (mandate["status"], mandate["reviewed_by"], mandate["warnings"]) == ("active", "com", [])
    assert [step["status"] for step in mandate["steps"]] == ["draft", "in_review", "passed", "signed", "active"]
    assert await clients.told("mandates", mandate["id"]) == [
        "mandate_drafted",
        "mandate_changed",
        "mandate_changed",
        "mandate_signed",
        "mandate_activated",
    ]
    activated = (await clients.service.events("mandates", mandate["id"]))[-1]
    assert activated["data"]["kind"] == "contract"
    assert activated["data"]["line_families"] == ["property", "motor"]


@pytest.mark.rule("CLI-054")
async def test_full_authority_is_refused_at_the_door(clients: ClientsService):
    client = await clients.has_client()
    body = {"client_id": client.id, "terms": TERMS | {"authority": "full"}}
    answer = await clients.user("ae").post("/mandates", body)
    assert (answer.status_code, answer.json()["rule"]["id"]) == (422, "CLI-054")


@pytest.mark.rule("CLI-056")
async def test_the_author_cannot_review_and_an_unreviewed_mandate_cannot_be_signed(clients: ClientsService):
    mandate = await drafted(clients, await clients.has_client())
    ae, path = clients.user("ae"), f"/mandates/{mandate['id']}"
    await ae.post(f"{path}/submission", match=1)
    own = await ae.post(f"{path}/review", {"passed": True}, match=2)
    assert (own.status_code, own.json()["rule"]["id"]) == (403, "CLI-056")
    early = await ae.post(f"{path}/signature", await signature(clients), match=2)
    assert (early.status_code, early.json()["type"]) == (409, "urn:baoqiao:problem:review-missing")
    returned = await clients.user("com").post(f"{path}/review", {"passed": False, "reason": "费用不清"}, match=2)
    assert returned.json()["status"] == "draft"
    terms = TERMS | {"fee": {"basis": "fee", "fee": {"amount": "30000.00"}}}
    edited = await ae.patch(path, {"terms": terms}, match=3)
    assert edited.json()["terms"]["fee"]["fee"]["amount"] == "30000.00"


@pytest.mark.rule("CLI-057")
async def test_who_signs_must_be_entitled_and_the_paper_must_be_there(clients: ClientsService):
    mandate = await passed(clients, await clients.has_client())
    path, ae = f"/mandates/{mandate['id']}/signature", clients.user("ae")
    for wrong, expected in (
        ({"client_contact_id": "c-other"}, (409, "not-a-signatory")),
        ({"client_contact_id": "stranger"}, (404, "contact-not-found")),
        ({"client_contact_id": None}, (422, "signatory-missing")),
        ({"broker_user_id": "stranger"}, (404, "user-unknown")),
        ({"broker_user_id": "zj-ae"}, (409, "user-not-in-branch")),
        ({"evidence_id": "nothing"}, (404, "file-missing")),
    ):
        answer = await ae.post(path, await signature(clients, **wrong), match=3)
        assert (answer.status_code, answer.json()["type"].split(":")[-1]) == expected
    assert (await ae.post(path, await signature(clients), match=3)).status_code == 200


@pytest.mark.rule("CLI-004")
async def test_a_prospect_without_identity_number_cannot_sign(clients: ClientsService):
    mandate = await passed(clients, await clients.has_client(identity=None))
    answer = await clients.user("ae").post(f"/mandates/{mandate['id']}/signature", await signature(clients), match=3)
    assert (answer.status_code, answer.json()["rule"]["id"]) == (409, "CLI-004")


@pytest.mark.rule("CLI-058")
async def test_a_mandate_that_starts_later_waits_for_its_first_day(clients: ClientsService):
    mandate = await signed(clients, await clients.has_client(), from_on="2026-03-10")
    await clients.service.run_job("activate_mandates")
    assert await status_of(clients, mandate) == "signed"
    clients.service.clock.move(days=8)
    await clients.service.run_job("activate_mandates")
    await clients.service.run_job("activate_mandates")
    assert await status_of(clients, mandate) == "active"
    assert (await clients.told("mandates", mandate["id"])).count("mandate_activated") == 1


@pytest.mark.rule("CLI-059")
async def test_the_end_is_told_once_and_comes_after_the_last_day(clients: ClientsService):
    mandate = await signed(clients, await clients.has_client(), until_on="2026-05-31")
    for day in ("2026-04-30", "2026-05-01", "2026-05-31", "2026-06-01", "2026-06-02"):
        clients.service.clock.at = clients.service.clock.at.fromisoformat(f"{day}T09:00:00+08:00")
        await clients.service.run_job("end_mandates")
        told = await clients.told("mandates", mandate["id"])
        assert told.count("mandate_expiring") == (0 if day == "2026-04-30" else 1)
        assert told.count("mandate_ended") == (1 if day >= "2026-06-01" else 0)
    ended = (await clients.service.events("mandates", mandate["id"]))[-1]["data"]
    assert (str(ended["ended_on"]), ended["reason"]) == ("2026-05-31", "expired")


@pytest.mark.rule("CLI-059")
async def test_a_mandate_is_terminated_with_reason_and_paper(clients: ClientsService):
    mandate = await signed(clients, await clients.has_client())
    body = {"reason": "客户书面通知解除", "evidence_id": await clients.has_file()}
    path = f"/mandates/{mandate['id']}/termination"
    answer = await clients.user("am").post(path, body, match=mandate["version"])
    assert (answer.status_code, answer.json()["status"], answer.json()["ended_on"]) == (200, "terminated", "2026-03-02")
    again = await clients.user("am").post(path, body, match=mandate["version"] + 1)
    assert (again.status_code, again.json()["rule"]["id"]) == (409, "SYS-001")


@pytest.mark.rule("CLI-060")
async def test_an_overlapping_contract_is_allowed_and_pointed_out(clients: ClientsService):
    client = await clients.has_client()
    first = await signed(clients, client)
    second = await drafted(clients, client, line_families=["motor"])
    [warning] = second["warnings"]
    assert warning["rule"] == "CLI-060"
    assert first["id"] in warning["zh"]
    assert (await drafted(clients, client, line_families=["cargo"]))["warnings"] == []


async def test_mandates_are_listed_by_client_and_status_in_their_branches_only(clients: ClientsService):
    client = await clients.has_client()
    mandate = await signed(clients, client)
    await drafted(clients, client)
    asked = {"client_id": client.id, "status": "active"}
    listed = {
        branch: [
            item["id"] for item in (await clients.user("u", branch).get("/mandates", params=asked)).json()["items"]
        ]
        for branch in ("hq", "gd", "sz", "zj")
    }
    assert listed == {"hq": [mandate["id"]], "gd": [mandate["id"]], "sz": [], "zj": []}
    assert (await clients.user("u", "zj").get(f"/mandates/{mandate['id']}")).status_code == 404


async def test_all_due_mandates_come_into_force(clients: ClientsService):
    client = await clients.has_client()
    ids = [(await signed(clients, client, from_on="2026-03-05"))["id"] for _ in range(3)]
    clients.service.clock.at += timedelta(days=5)
    await clients.service.run_job("activate_mandates")
    assert {(await status_of(clients, {"id": mandate_id})) for mandate_id in ids} == {"active"}


@pytest.mark.rule("CLI-007")
async def test_mandates_follow_a_merged_record_and_can_still_be_signed(clients: ClientsService):
    kept, gone = await clients.has_client(), await clients.has_client(identity=None, name="启朗物流")
    mandate = await passed(clients, gone)
    await clients.merged(gone, kept)
    path = f"/mandates/{mandate['id']}"
    moved = (await clients.user("ae").get(path)).json()
    assert (moved["client_id"], moved["status"], moved["passed"]) == (kept.id, "in_review", True)
    answer = await clients.user("ae").post(f"{path}/signature", await signature(clients), match=moved["version"])
    assert (answer.status_code, answer.json()["status"]) == (200, "active")
    refused = await clients.user("ae").post("/mandates", {"client_id": gone.id, "terms": TERMS})
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "CLI-007")


@pytest.mark.rule("CLI-007")
async def test_a_mandate_is_signed_by_its_branch_after_a_merge_into_another_branch_s_record(clients: ClientsService):
    kept, gone = await clients.has_client(), await clients.has_client(branch="zj", identity=None, name="启朗物流")
    mandate = await passed(clients, gone)
    await clients.merged(gone, kept)
    body = await signature(clients, broker_user_id="zj-ae", evidence_id=await clients.has_file("zj"))
    path = f"/mandates/{mandate['id']}/signature"
    answer = await clients.user("zj-ae", "zj").post(path, body, match=mandate["version"] + 1)
    assert (answer.status_code, answer.json()["status"]) == (200, "active"), answer.text
