"""Clients over HTTP: on file once, found by what people type, merged for good, masked unless revealed."""

import asyncio
from typing import Any

import pytest

from contracts.clients import MandateActivated
from contracts.identity import UserDisabled
from contracts.shared import LineFamily
from services.clients.clients import actions
from tests.support.clients import TODAY, a_company_body, a_person_body, a_resident_id, a_uscc, clerk, knows_user
from tests.support.service import HQ, Caller, RunningService


async def added(by: Caller, body: dict[str, Any]) -> dict[str, Any]:
    answer = await by.post("/clients", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_company_is_put_on_file_as_a_prospect_with_the_next_code(service: RunningService):
    ann = clerk(service)
    first = await added(ann, a_company_body(1))
    second = await added(ann, a_company_body(2))
    assert (first["status"], first["code"], second["code"]) == ("prospect", "SH-C00001", "SH-C00002")
    [event] = await service.events("clients", first["id"])
    assert event["data"]["card"]["name"] == first["name"]
    assert event["data"]["card"]["contacts"][0]["may_sign"] is True


async def test_a_repeat_makes_no_second_client_and_takes_no_second_code(service: RunningService):
    ann = clerk(service)
    answers = [await ann.post("/clients", a_company_body(), key="k") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert (await added(ann, a_company_body(2)))["code"] == "SH-C00002"


async def test_clients_added_at_once_each_get_a_code_of_their_own(service: RunningService):
    ann = clerk(service)
    made = await asyncio.gather(*(added(ann, a_company_body(seed)) for seed in range(1, 9)))
    assert {client["code"] for client in made} == {f"SH-C{number:05d}" for number in range(1, 9)}


async def test_a_refused_client_takes_no_code(service: RunningService):
    ann = clerk(service)
    await added(ann, a_company_body(1))
    assert (await ann.post("/clients", a_company_body(1))).status_code == 409
    assert (await added(ann, a_company_body(2)))["code"] == "SH-C00002"


@pytest.mark.rule("CLI-003")
async def test_a_name_without_a_number_that_is_added_twice_at_once_is_kept_once(service: RunningService):
    bodies = [a_company_body(1, identity=None), a_company_body(1, identity=None, branch="sz")]
    clerks = [clerk(service), clerk(service, "sz")]
    answers = await asyncio.gather(*(by.post("/clients", body) for by, body in zip(clerks, bodies, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_personal_data_are_masked_in_answers_and_sealed_in_the_database(service: RunningService):
    made = await added(clerk(service), a_person_body())
    assert made["person_name"] == "花**"
    assert made["identity"]["number"].startswith("310****")
    raw = await service.host.db.client[service.host.db.name]["clients"].find_one({"_id": made["id"]})
    kept = repr(raw)
    assert a_resident_id() not in kept and "花禾" not in kept and "澜桥" not in kept


@pytest.mark.rule("SYS-012")
async def test_personal_data_are_shown_in_clear_only_with_the_scope_and_leave_a_record(service: RunningService):
    ann = clerk(service)
    person = await added(ann, a_person_body())
    company = await added(ann, a_company_body())
    path = f"/clients/{person['id']}/identity"
    assert (await service.user("bob", "sh", "clients:read").get(path)).status_code == 403
    assert (await clerk(service, "sz").get(path)).status_code == 404
    shown = (await ann.get(path)).json()
    assert (shown["name"], shown["number"]) == ("花禾", a_resident_id())
    contact = company["contacts"][0]["id"]
    details = (await ann.get(f"/clients/{company['id']}/contacts/{contact}/details")).json()
    assert (details["name"], details["phone"], details["email"]) == ("赵一", "13800001234", "zhao@example.com")
    audited = await service.host.db["audit"].find({}).sort("_id", 1).to_list()
    assert [(record["actor"], record["what"], record["about"]) for record in audited] == [
        ("ann", "clients.identity_number", person["id"]),
        ("ann", "clients.contact", f"{company['id']} {contact}"),
    ]


@pytest.mark.rule("CLI-001")
async def test_a_wrong_number_is_refused_with_its_rule(service: RunningService):
    body = a_company_body(identity={"kind": "uscc", "number": a_uscc()[:-1] + "A"})
    answer = await clerk(service).post("/clients", body)
    assert (answer.status_code, answer.json()["rule"]["id"]) == (422, "CLI-001")
    assert answer.json()["errors"][0]["pointer"] == "/identity/number"


@pytest.mark.rule("CLI-002")
async def test_a_wrong_resident_number_is_refused_with_its_rule(service: RunningService):
    body = a_person_body(identity={"kind": "resident_id", "number": "310100198002300012"})
    answer = await clerk(service).post("/clients", body)
    assert (answer.status_code, answer.json()["rule"]["id"]) == (422, "CLI-002")


@pytest.mark.rule("CLI-003")
async def test_the_same_number_is_the_same_client_and_is_named_only_to_whom_may_see_it(service: RunningService):
    made = await added(clerk(service), a_company_body())
    again = a_company_body(name="另一个名字有限公司")
    own = await clerk(service).post("/clients", again)
    assert (own.status_code, own.json()["rule"]["id"]) == (409, "CLI-003")
    assert made["code"] in own.json()["detail"]
    foreign = await clerk(service, "sz").post("/clients", again | {"branch": "sz"})
    assert (foreign.status_code, foreign.json()["type"]) == (409, "urn:baoqiao:problem:number-taken")
    for secret in (made["id"], made["code"], made["name"], "sh"):
        assert secret not in foreign.json()["detail"]


@pytest.mark.rule("CLI-003")
async def test_the_same_name_without_a_number_is_the_same_client(service: RunningService):
    ann = clerk(service)
    await added(ann, a_company_body(name="澜浦泓朗（岚溪）有限责任公司"))
    same = a_company_body(name="澜浦 泓朗(岚溪)有限公司", identity=None)
    assert (await ann.post("/clients", same)).json()["type"] == "urn:baoqiao:problem:already-on-file"
    foreign = await clerk(service, "sz").post("/clients", same | {"branch": "sz"})
    assert foreign.json()["type"] == "urn:baoqiao:problem:name-taken"
    assert (await ann.post("/clients", a_company_body(2, name="澜浦泓朗（岚溪）有限公司"))).status_code == 201


@pytest.mark.rule("CLI-003")
async def test_of_two_who_add_the_same_number_at_once_one_wins(service: RunningService):
    bodies = [a_company_body(name="甲有限公司"), a_company_body(name="乙有限公司", branch="sz")]
    answers = await asyncio.gather(*(clerk(service, body["branch"]).post("/clients", body) for body in bodies * 3))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert await service.host.db["clients"].count_documents({}) == 1


@pytest.mark.rule("CLI-005")
async def test_a_branch_gives_a_code_only_once(service: RunningService):
    ann = clerk(service)
    await added(ann, a_company_body(1, code="ｓｈ－9"))
    answer = await ann.post("/clients", a_company_body(2, code="SH-9"))
    assert (answer.status_code, answer.json()["rule"]["id"]) == (409, "CLI-005")
    assert (await added(clerk(service, "sz"), a_company_body(3, code="SH-9", branch="sz")))["code"] == "SH-9"


async def test_a_code_of_the_series_that_was_brought_along_is_passed_over(service: RunningService):
    ann = clerk(service)
    await added(ann, a_company_body(1, code="SH-C00001"))
    assert (await added(ann, a_company_body(2)))["code"] == "SH-C00002"


async def test_a_client_is_found_by_part_of_the_name_pinyin_initials_code_and_number(service: RunningService):
    ann = clerk(service)
    company = await added(ann, a_company_body(name="重庆长江启朗电子科技有限公司", code="OLD-7"))
    person = await added(ann, a_person_body())
    found = {}
    for q in ("启朗", "电子科技有限", "chongqing", "CQCJ", "qldz", "old-7", a_uscc(), "花禾", "huahe", "花", "朗启"):
        found[q] = [item["id"] for item in (await ann.get("/clients", params={"q": q})).json()["items"]]
    one = [company["id"]]
    assert found == {
        "启朗": one, "电子科技有限": [], "chongqing": one, "CQCJ": one, "qldz": one, "old-7": one, a_uscc(): one,
        "花禾": [person["id"]], "huahe": [person["id"]], "花": [], "朗启": [],
    }  # fmt: skip
    assert (await clerk(service, "sz").get("/clients", params={"q": "启朗"})).json()["items"] == []


async def test_a_list_is_filtered_and_shows_the_insured_entities_of_a_group(service: RunningService):
    ann = clerk(service)
    parent = await added(ann, a_company_body(1))
    child = await added(ann, a_company_body(2, parent_id=parent["id"]))
    person = await added(ann, a_person_body())

    async def ids(**params: str) -> list[str]:
        return [item["id"] for item in (await ann.get("/clients", params={**params, "sort": "id"})).json()["items"]]

    assert await ids(parent_id=parent["id"]) == [child["id"]]
    assert await ids(kind="individual") == [person["id"]]
    assert await ids(status="client") == []
    assert await ids(code=child["code"]) == [child["id"]]
    assert len(await ids(branch="sh")) == 3


@pytest.mark.rule("CLI-006")
async def test_a_group_has_no_circle(service: RunningService):
    ann = clerk(service)
    top = await added(ann, a_company_body(1))
    middle = await added(ann, a_company_body(2, parent_id=top["id"]))
    bottom = await added(ann, a_company_body(3, parent_id=middle["id"]))
    answer = await ann.patch(f"/clients/{top['id']}", {"parent_id": bottom["id"]}, match=1)
    assert (answer.status_code, answer.json()["rule"]["id"]) == (409, "CLI-006")


@pytest.mark.rule("CLI-006")
async def test_two_changes_at_once_make_no_circle_either(service: RunningService):
    ann = clerk(service)
    one, two = await added(ann, a_company_body(1)), await added(ann, a_company_body(2))
    answers = await asyncio.gather(
        ann.patch(f"/clients/{one['id']}", {"parent_id": two["id"]}, match=1),
        ann.patch(f"/clients/{two['id']}", {"parent_id": one["id"]}, match=1),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_master_data_team_and_classification_are_edited_by_merge_patch(service: RunningService):
    ann = clerk(service)
    made = await added(ann, a_company_body())
    edits = {
        "industry": "机械制造",
        "classification": "A",
        "team": [{"user_id": "u-am", "role": "manager"}],
        "region": None,
    }
    answer = await ann.patch(f"/clients/{made['id']}", edits, match=1)
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["industry"], changed["classification"], changed["region"]) == ("机械制造", "A", "")
    assert changed["team"] == [{"user_id": "u-am", "role": "manager"}]
    assert (await ann.patch(f"/clients/{made['id']}", {"industry": "x"}, match=1)).status_code == 412
    assert (await ann.patch(f"/clients/{made['id']}", {"industry": "x"})).status_code == 428
    nobody = {"team": [{"user_id": "nobody", "role": "broker"}]}
    assert (await ann.patch(f"/clients/{made['id']}", nobody, match=2)).status_code == 404


@pytest.mark.rule("CLI-061")
async def test_a_client_s_team_are_colleagues_of_its_branch_who_can_sign_in(service: RunningService):
    ann = clerk(service)
    await knows_user(service, "u-sh", "sh")
    await knows_user(service, "u-sz", "sz")
    await knows_user(service, "u-left", "sh")
    await service.receives(UserDisabled(user_id="u-left"), "u-left", 2)
    made = await added(ann, a_company_body(team=[{"user_id": "u-sh", "role": "manager"}]))
    for stranger in ("u-sz", "u-left"):
        team = {"team": [{"user_id": "u-sh", "role": "manager"}, {"user_id": stranger, "role": "broker"}]}
        for answer in (
            await ann.post("/clients", a_company_body(2, **team)),
            await ann.patch(f"/clients/{made['id']}", team, match=1),
        ):
            assert (answer.status_code, answer.json()["rule"]["id"]) == (409, "CLI-061")


@pytest.mark.rule("CLI-009")
async def test_all_faults_of_a_client_are_told_at_once(service: RunningService):
    body = a_company_body(name=None, person_name="花禾", region="99", person_address="x")
    answer = await clerk(service).post("/clients", body)
    assert answer.status_code == 422
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"/name", "/person_name", "/person_address", "/region"}


@pytest.mark.rule("CLI-009")
async def test_contacts_come_change_and_go(service: RunningService):
    ann = clerk(service)
    made = await added(ann, a_company_body())
    path = f"/clients/{made['id']}/contacts"
    more = await ann.post(path, {"name": "钱二", "title": "财务经理", "roles": ["finance"]}, match=1)
    assert more.status_code == 201, more.text
    contact = more.json()["contacts"][-1]
    changed = await ann.patch(f"{path}/{contact['id']}", {"may_sign": True, "phone": "021-60000369"}, match=2)
    assert [one["may_sign"] for one in changed.json()["contacts"]] == [True, True]
    gone = await ann.request("DELETE", f"{path}/{made['contacts'][0]['id']}", match=3)
    assert [one["id"] for one in gone.json()["contacts"]] == [contact["id"]]
    unknown = await ann.patch(f"{path}/nobody", {"may_sign": True}, match=4)
    assert (unknown.status_code, unknown.json()["rule"]["id"]) == (404, "CLI-009")


@pytest.mark.rule("CLI-007")
async def test_a_merged_record_leads_to_the_one_that_stays(service: RunningService):
    ann = clerk(service)
    kept = await added(ann, a_company_body(1, name="澜浦泓朗物流有限公司"))
    gone = await added(ann, a_company_body(2, name="澜浦泓朗货运", identity=None, code="OLD-1", industry="物流"))
    child = await added(ann, a_company_body(3, parent_id=gone["id"]))
    answer = await ann.post(f"/clients/{gone['id']}/merge", {"into_id": kept["id"]}, match=1, key="m")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["status"], answer.json()["merged_into"]) == ("merged", kept["id"])
    repeated = await ann.post(f"/clients/{gone['id']}/merge", {"into_id": kept["id"]}, match=1, key="m")
    assert repeated.json() == answer.json()

    led = await ann.get(f"/clients/{gone['id']}")
    assert (led.status_code, led.headers["location"]) == (308, kept["id"])
    stayed = (await ann.get(f"/clients/{kept['id']}")).json()
    assert (stayed["industry"], stayed["former_codes"]) == ("物流", [{"branch": "sh", "code": "OLD-1"}])
    assert [item["id"] for item in (await ann.get("/clients", params={"code": "old-1"})).json()["items"]] == [
        kept["id"]
    ]
    assert (await ann.get(f"/clients/{child['id']}")).json()["parent_id"] == kept["id"]
    refused = await ann.patch(f"/clients/{gone['id']}", {"industry": "x"}, match=2)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "CLI-007")
    facts = [event["type"].split(".")[-2] for event in await service.events("clients", gone["id"])]
    assert facts == ["client_added", "client_merged"]
    [change] = (await service.events("clients", kept["id"]))[1:]
    assert change["data"]["card"]["former_codes"] == ["OLD-1"]


@pytest.mark.rule("CLI-007")
async def test_a_number_goes_over_to_a_record_that_has_none_and_two_numbers_never_merge(service: RunningService):
    ann = clerk(service)
    bare = await added(ann, a_company_body(1, name="澜浦泓朗物流", identity=None))
    numbered = await added(ann, a_company_body(2))
    other = await added(ann, a_company_body(3))
    refused = await ann.post(f"/clients/{other['id']}/merge", {"into_id": numbered["id"]}, match=1)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "CLI-007")
    assert (await ann.post(f"/clients/{numbered['id']}/merge", {"into_id": bare["id"]}, match=1)).status_code == 200
    stayed = (await ann.get(f"/clients/{bare['id']}/identity")).json()
    assert stayed["number"] == a_uscc(2)
    found = (await ann.get("/clients", params={"q": a_uscc(2)})).json()["items"]
    assert [item["id"] for item in found] == [bare["id"]]


async def test_likely_duplicates_are_shown_and_another_branch_only_as_a_fact(service: RunningService):
    ann, sam = clerk(service), clerk(service, "sz")
    one = await added(ann, a_company_body(1, name="澜浦泓朗物流有限公司"))
    two = await added(ann, a_company_body(2, name="澜浦泓郎物流有限责任公司"))
    await added(ann, a_company_body(3, name="云泽昱彦机械制造股份有限公司"))
    [alike] = (await ann.get(f"/clients/{one['id']}/duplicates")).json()["items"]
    assert (alike["id"], alike["why"], alike["likeness"] >= 80) == (two["id"], "alike", True)
    asked = {"kind": "company", "name": "随便什么公司", "identity": {"kind": "uscc", "number": a_uscc(1)}}
    own = (await ann.post("/clients/duplicate_searches", asked)).json()
    assert [(item["id"], item["why"]) for item in own["items"]] == [(one["id"], "same_number")]
    assert (await sam.post("/clients/duplicate_searches", asked)).json() == {"items": [], "elsewhere": True}


@pytest.mark.rule("CLI-003")
async def test_the_likeliest_duplicates_are_compared_first_where_too_many_are_alike(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(actions, "MOST_COMPARED", 2)
    ann = clerk(service)
    for seed, name in enumerate(("天河", "云泽", "昱彦", "岫云", "$x科"), 2):
        await added(ann, a_company_body(seed, name=f"{name}科技有限公司"))
    near = await added(ann, a_company_body(8, name="澜浦泓朗科技股份有限公司"))
    same = await added(ann, a_company_body(9, name="澜浦泓朗科技有限公司"))
    asked = {"kind": "company", "name": "澜浦泓朗科技有限责任公司"}
    found = (await ann.post("/clients/duplicate_searches", asked)).json()["items"]
    assert found[0]["id"] == same["id"]
    one = await added(ann, a_company_body(1, name="$x澜浦泓朗科技(集团)有限公司"))
    [alike] = (await ann.get(f"/clients/{one['id']}/duplicates")).json()["items"]
    assert alike["id"] in (near["id"], same["id"])


@pytest.mark.rule("CLI-008")
async def test_a_prospect_becomes_a_client_with_his_first_active_mandate(service: RunningService):
    ann = clerk(service)
    kept = await added(ann, a_company_body(1))
    gone = await added(ann, a_company_body(2, name="澜浦泓朗", identity=None))
    await ann.post(f"/clients/{gone['id']}/merge", {"into_id": kept["id"]}, match=1)
    activated = MandateActivated(
        mandate_id="m1",
        client_id=gone["id"],
        kind="contract",
        line_families=[LineFamily.PROPERTY],
        from_on=TODAY,
        until_on=TODAY,
    )
    for event_id in ("e1", "e1", "e2"):
        await service.receives(activated, "m1", event_id=event_id)
    assert (await ann.get(f"/clients/{kept['id']}")).json()["status"] == "client"
    facts = [event["type"].split(".")[-2] for event in await service.events("clients", kept["id"])]
    assert facts.count("client_converted") == 1


async def test_headquarters_sees_every_branch_and_a_stranger_nothing(service: RunningService):
    made = await added(clerk(service), a_company_body())
    seen = {
        branch: (await clerk(service, branch).get(f"/clients/{made['id']}")).status_code for branch in (HQ, "sh", "sz")
    }
    assert seen == {HQ: 200, "sh": 200, "sz": 404}
    assert (await clerk(service, "sz").post("/clients", a_company_body(2))).status_code == 404
