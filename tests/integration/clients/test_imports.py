"""Client files taken in: a dry run says what the real run makes, and a second run makes nothing."""

import asyncio
import io
from collections.abc import Sequence
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from services.clients.clients.store import Clients
from services.clients.imports import actions
from services.clients.imports.actions import AT_ONCE
from services.clients.imports.model import ReportRow
from services.clients.imports.store import ReportRows
from tests.support.client_files import a_client_book, a_client_csv, a_client_row, rows_of, send
from tests.support.clients import a_company_body, a_resident_id, a_uscc, clerk
from tests.support.service import HQ, RunningService

MESSY = (
    a_client_row(1),
    a_client_row(2, 电话="1380000"),
    a_client_row(3, 证件号=a_uscc(1), 客户名称="岫云1精密装备有限责任公司"),
    a_client_row(4, 证件号="", 客户名称="岫云2精密装备有限公司"),
    a_client_row(5, 证件号=""),
    a_client_row(6, 证件号=9.131e17),
    a_client_row(7, 建档日期="20250229"),
    a_client_row(8, 客户名称=""),
    ["合计", "8户", "", "", "", "", "", ""],
)


def shown(rows: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(row["row"], row["outcome"]) for row in rows]


@pytest.mark.rule("CLI-014")
async def test_the_real_run_makes_exactly_what_the_dry_run_said_and_a_second_nothing(service: RunningService):
    ann = clerk(service)
    book = a_client_book(*MESSY)
    dry = (await send(ann, book, dry_run=True)).json()
    assert (dry["status"], dry["created"], dry["known"], dry["refused"], dry["remarked"]) == ("checked", 2, 2, 4, 1)
    said = await rows_of(ann, dry["id"])
    assert await service.host.db["clients"].count_documents({}) == 0

    done = (await send(ann, book, dry_run=False)).json()
    assert (done["status"], done["created"], done["known"], done["refused"]) == ("done", 2, 2, 4)
    assert await rows_of(ann, done["id"]) == said
    assert await service.host.db["clients"].count_documents({}) == 2
    before = await service.events("clients")

    again = (await send(ann, book, dry_run=False)).json()
    assert (again["created"], again["known"], again["refused"]) == (0, 4, 4)
    assert await service.events("clients") == before
    facts = [event["type"].split(".")[-2] for event in await service.events("imports", done["id"])]
    assert facts == ["clients_import_planned", "clients_imported"]


@pytest.mark.rule("CLI-011")
async def test_the_report_names_sheet_row_column_rule_and_reason(service: RunningService):
    ann = clerk(service)
    dry = (await send(ann, a_client_book(*MESSY), dry_run=True)).json()
    refused = await rows_of(ann, dry["id"], outcome="refused")
    told = [(row["sheet"], row["row"], row["findings"][0]["column"], row["findings"][0]["rule"]) for row in refused]
    assert told == [
        ("客户", 6, "D 证件号", "CLI-004"),
        ("客户", 7, "D 证件号", "CLI-010"),
        ("客户", 8, "G 建档日期", "CLI-011"),
        ("客户", 9, "B 客户名称", "CLI-011"),
    ]
    known = await rows_of(ann, dry["id"], outcome="known")
    assert [(row["same_row"]["row"], row["known_code"]) for row in known] == [(2, "OLD-00001"), (3, "OLD-00002")]
    assert [(line["row"], line["why"]) for line in dry["sheets"][0]["left_out"]] == [(10, "total")]


@pytest.mark.rule("CLI-005")
async def test_references_by_the_code_of_a_duplicate_lead_to_the_client_that_stays(service: RunningService):
    ann = clerk(service)
    await send(ann, a_client_book(*MESSY), dry_run=False)
    found = [(await ann.get("/clients", params={"code": code})).json()["items"] for code in ("OLD-00001", "OLD-00003")]
    assert found[0] == found[1] != []
    assert found[0][0]["former_codes"] == [{"branch": "sh", "code": "OLD-00003"}]
    assert found[0][0]["status"] == "client"
    later = a_client_csv(a_client_row(9, 证件号=a_uscc(1)))
    await send(ann, later, dry_run=False, name="more.csv")
    [client] = (await ann.get("/clients", params={"code": "OLD-00009"})).json()["items"]
    assert client["id"] == found[0][0]["id"]
    facts = await service.events("clients", client["id"])
    assert facts[-1]["data"]["card"]["former_codes"] == ["OLD-00003", "OLD-00009"]


async def test_sheets_go_to_the_branches_that_own_them(service: RunningService):
    await service.knows_branch("km", code="KM")
    chief = service.user("chief", HQ)
    book = a_client_book(a_client_row(1), sheet="深圳分公司")
    made = (await send(chief, book, dry_run=False, branches={"深圳分公司": "sz"})).json()
    assert made["branches"] == {"深圳分公司": "sz"}
    assert len((await clerk(service, "sz").get("/clients")).json()["items"]) == 1
    assert (await clerk(service, "sh").get("/clients")).json()["items"] == []
    wrong = await send(chief, book, dry_run=True, branches={"南京": "sz"})
    assert (wrong.status_code, wrong.json()["rule"]["id"]) == (422, "CLI-013")
    foreign = await send(clerk(service, "sh"), book, dry_run=True, branches={"深圳分公司": "sz"})
    assert foreign.status_code == 404


@pytest.mark.rule("CLI-003")
async def test_another_branchs_client_is_known_without_any_detail_and_gets_the_code(service: RunningService):
    sam, ann = clerk(service, "sz", "sam"), clerk(service)
    made = (await ann.post("/clients", a_company_body(1, code="GEHEIM-7"))).json()
    done = (await send(sam, a_client_book(a_client_row(1)), dry_run=False, branch="sz")).json()
    [row] = await rows_of(sam, done["id"])
    assert (row["outcome"], row["elsewhere"], row["client_id"], row["known_code"]) == ("known", True, None, "")
    assert made["id"] not in str(row) and "GEHEIM" not in str(row) and made["name"] not in str(row)
    assert (await ann.get(f"/clients/{made['id']}")).json()["former_codes"] == [{"branch": "sz", "code": "OLD-00001"}]


@pytest.mark.rule("CLI-013")
async def test_a_file_without_a_client_table_is_refused_and_a_sheet_without_one_is_named(service: RunningService):
    ann = clerk(service)
    answer = await send(ann, "名称,电话\n甲,1\n".encode(), dry_run=True, name="a.csv")
    assert (answer.status_code, answer.json()["rule"]["id"]) == (422, "CLI-013")
    assert "证件号码" in answer.json()["errors"][0]["detail"]
    bomb = await send(ann, b"PK\x03\x04 no workbook", dry_run=True)
    assert (bomb.status_code, bomb.json()["rule"]["id"]) == (422, "SYS-010")


@pytest.mark.rule("CLI-013")
async def test_a_total_that_does_not_agree_with_the_rows_is_told(service: RunningService):
    book = a_client_book(a_client_row(1), ["合计", "5户", "", "", "", "", "", ""])
    [finding] = (await send(clerk(service), book, dry_run=True)).json()["findings"]
    assert "5 户" in finding["zh"] and "1 行" in finding["zh"]


async def test_a_row_without_a_code_gets_the_next_of_the_series_once(service: RunningService):
    ann = clerk(service)
    book = a_client_book(a_client_row(1, 客户编号=""), a_client_row(2, 客户编号=""))
    first = (await send(ann, book, dry_run=False)).json()
    codes = [row["code"] for row in await rows_of(ann, first["id"])]
    assert codes == ["SH-C00001", "SH-C00002"]
    await send(ann, book, dry_run=False)
    listed = (await ann.get("/clients", params={"sort": "code"})).json()["items"]
    assert [client["code"] for client in listed] == codes


async def test_a_repeated_request_is_answered_as_the_first(service: RunningService):
    ann = clerk(service)
    book = a_client_book(*MESSY[:2])
    answers = [await send(ann, book, dry_run=False, key="k") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["etag"] == answers[1].headers["etag"] == '"2"'
    assert await service.host.db["imports"].count_documents({}) == 1


@pytest.mark.rule("CLI-014")
async def test_an_import_that_stopped_half_way_is_finished_without_making_anything_twice(service: RunningService):
    ann = clerk(service)
    book = a_client_book(*(a_client_row(seed) for seed in range(5)))
    done = (await send(ann, book, dry_run=False)).json()
    clients, imports = service.host.db["clients"], service.host.db["imports"]
    kept = await clients.find({}, {"_id": 1, "v": 1}).sort("_id", 1).to_list()
    await clients.delete_many({"_id": {"$in": [document["_id"] for document in kept[2:]]}})
    await imports.update_one({"_id": done["id"]}, {"$set": {"status": "running"}})
    await service.run_job("continue_imports")
    assert (await ann.get(f"/imports/{done['id']}")).json()["status"] == "running", "its own process may still do it"
    service.clock.move(minutes=3)
    await service.run_job("continue_imports")
    finished = (await ann.get(f"/imports/{done['id']}")).json()
    assert (finished["status"], finished["created"]) == ("done", 5)
    assert await clients.find({}, {"_id": 1, "v": 1}).sort("_id", 1).to_list() == kept
    [event] = await service.events("clients", kept[2]["_id"])
    assert event["actor"] == "ann"


async def test_a_long_file_is_answered_at_once_and_made_by_the_worker(service: RunningService):
    ann = clerk(service)
    book = a_client_book(*(a_client_row(seed) for seed in range(AT_ONCE + 1)))
    running = (await send(ann, book, dry_run=False)).json()
    assert (running["status"], running["created"]) == ("running", AT_ONCE + 1)
    refused = await ann.get(f"/imports/{running['id']}/report")
    assert (refused.status_code, refused.json()["rule"]["id"]) == (409, "CLI-014")
    await service.run_job("continue_imports")
    assert (await ann.get(f"/imports/{running['id']}")).json()["status"] == "done"
    assert await service.host.db["clients"].count_documents({}) == AT_ONCE + 1


@pytest.mark.rule("CLI-003")
async def test_who_is_put_on_file_between_plan_and_run_is_known(service: RunningService):
    ann = clerk(service)
    running = (await send(ann, a_client_book(a_client_row(1), a_client_row(2)), dry_run=False)).json()
    await service.host.db["clients"].delete_many({})
    await service.host.db["imports"].update_one({"_id": running["id"]}, {"$set": {"status": "running"}})
    faster = (await ann.post("/clients", a_company_body(1))).json()
    await ann.post("/clients", a_company_body(7, code="OLD-00002"))
    service.clock.move(minutes=3)
    await service.run_job("continue_imports")
    rows = await rows_of(ann, running["id"])
    assert [(row["outcome"], row["known_code"]) for row in rows] == [("known", faster["code"]), ("refused", "")]
    done = (await ann.get(f"/imports/{running['id']}")).json()
    assert (done["created"], done["known"], done["refused"]) == (0, 1, 1)


@pytest.mark.rule("CLI-003")
async def test_a_client_that_another_file_made_while_this_one_waited_is_known_and_gets_its_codes(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
):
    sam, ann = clerk(service, "sz", "sam"), clerk(service)
    rows = [a_client_row(seed) for seed in (1, 2, 3)] + [a_client_row(4, 证件号=a_uscc(1))]
    with monkeypatch.context() as patched:
        patched.setattr(actions, "AT_ONCE", 0)
        waiting = (await send(sam, a_client_book(*rows), dry_run=False, branch="sz")).json()
    assert (waiting["status"], waiting["created"]) == ("running", 3)
    await send(ann, a_client_book(a_client_row(1, 客户编号="SH-1"), a_client_row(5)), dry_run=False)
    await send(sam, a_client_book(a_client_row(2, 客户编号="SZ-2")), dry_run=False, branch="sz", name="two.xlsx")
    await service.run_job("continue_imports")
    done = (await sam.get(f"/imports/{waiting['id']}")).json()
    assert (done["status"], done["created"], done["known"]) == ("done", 1, 3)
    told = [(row["outcome"], row["elsewhere"], row["known_code"]) for row in await rows_of(sam, waiting["id"])]
    assert told[:3] == [("known", True, ""), ("known", False, "SZ-2"), ("created", False, "")]
    [theirs] = (await ann.get("/clients", params={"code": "SH-1"})).json()["items"]
    assert [code["code"] for code in theirs["former_codes"]] == ["OLD-00004", "OLD-00001"]
    [own] = (await sam.get("/clients", params={"code": "OLD-00002"})).json()["items"]
    assert own["code"] == "SZ-2"


async def test_two_imports_of_the_same_file_at_once_make_each_client_once(service: RunningService):
    ann = clerk(service)
    book = a_client_book(*(a_client_row(seed) for seed in range(20)))
    answers = await asyncio.gather(*(send(ann, book, dry_run=False) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {201}
    assert await service.host.db["clients"].count_documents({}) == 20
    assert len(await service.events("clients")) == 20


async def test_the_report_is_a_table_in_which_no_cell_runs(service: RunningService):
    ann = clerk(service)
    book = a_client_book(a_client_row(1, 客户编号="=1+1"), a_client_row(2, 证件号="1"))
    dry = (await send(ann, book, dry_run=True)).json()
    csv = (await ann.get(f"/imports/{dry['id']}/report", params={"format": "csv"})).content.decode("utf-8-sig")
    assert "'=1+1" in csv and "CLI-001" in csv
    xlsx = await ann.get(f"/imports/{dry['id']}/report")
    assert "attachment" in xlsx.headers["content-disposition"]
    cells = CalamineWorkbook.from_filelike(io.BytesIO(xlsx.content)).get_sheet_by_index(0).to_python()
    assert (cells[1][4], cells[2][3], cells[2][8]) == ("=1+1", "refused", "CLI-001")


async def test_personal_data_of_a_file_are_not_kept_in_clear(service: RunningService):
    ann = clerk(service)
    row = a_client_row(
        1, 客户名称="顾念安", 证件种类="身份证", 证件号=a_resident_id(), 联系人="顾念安", 电话="13912345678"
    )
    done = (await send(ann, a_client_book(row), dry_run=False)).json()
    [shown_row] = await rows_of(ann, done["id"])
    assert shown_row["name"] == "顾**"
    raw = service.host.db.client[service.host.db.name]
    for collection in ("clients", "imports", "import_rows"):
        kept = repr(await raw[collection].find({}).to_list())
        for secret in ("顾念安", a_resident_id(), "13912345678"):
            assert secret not in kept, collection


async def test_a_report_shows_a_reader_only_the_rows_of_his_branches(service: RunningService):
    chief = service.user("chief", HQ)
    book = a_client_book(a_client_row(1), sheet="深圳分公司")
    done = (await send(chief, book, dry_run=True, branch="sh", branches={"深圳分公司": "sz"})).json()
    assert len(await rows_of(chief, done["id"])) == 1
    assert await rows_of(clerk(service, "sh"), done["id"]) == []
    assert (await clerk(service, "sz").get(f"/imports/{done['id']}")).status_code == 404


async def test_a_client_whose_number_was_corrected_since_is_still_known(service: RunningService):
    ann = clerk(service)
    book = a_client_book(a_client_row(1))
    await send(ann, book, dry_run=False)
    [client] = (await ann.get("/clients")).json()["items"]
    corrected = {"identity": {"kind": "uscc", "number": a_uscc(2)}}
    assert (await ann.patch(f"/clients/{client['id']}", corrected, match=1)).status_code == 200
    again = (await send(ann, book, dry_run=False)).json()
    assert (again["created"], again["known"]) == (0, 1)


@pytest.mark.rule("CLI-003")
@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_renewed_passport_of_another_branchs_client_is_known_by_its_old_number(
    service: RunningService, dry_run: bool
):
    ann, sam = clerk(service), clerk(service, "sz", "sam")
    row = a_client_row(1, 客户名称="顾念安", 证件种类="护照", 证件号="E00000001")
    await send(sam, a_client_book(row), dry_run=False, branch="sz")
    [client] = (await sam.get("/clients")).json()["items"]
    renewed = {"identity": {"kind": "passport", "number": "E00000002"}}
    assert (await sam.patch(f"/clients/{client['id']}", renewed, match=1)).status_code == 200
    answer = await send(ann, a_client_book(row, a_client_row(2)), dry_run=dry_run)
    assert answer.status_code == 201, answer.text
    [known, made] = await rows_of(ann, answer.json()["id"])
    assert (known["outcome"], known["elsewhere"], known["client_id"], made["outcome"]) == (
        "known",
        True,
        None,
        "created",
    )


async def test_the_file_itself_is_sealed_in_the_store(service: RunningService):
    ann = clerk(service)
    person = a_client_row(1, 客户名称="顾念安", 证件种类="身份证", 证件号=a_resident_id())
    content = a_client_csv(person)
    dry = (await send(ann, content, dry_run=True, name="people.csv")).json()
    raw = service.host.db.client[service.host.db.name]
    chunks = await raw["blobs.chunks"].find({}).to_list()
    assert chunks and all("顾念安".encode() not in chunk["data"] for chunk in chunks)
    kept = await ann.get(f"/files/{dry['file_id']}/content")
    assert kept.content == content


@pytest.mark.rule("CLI-014")
async def test_a_repeat_that_comes_while_the_file_is_made_takes_nothing_from_it(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
):
    """Chaos found it: the repeat planned, too, and took away the rows that the first call was about to make."""
    ann, book = clerk(service), a_client_csv(*(a_client_row(number) for number in range(1, 6)))
    planned, made, repeat_keeps, first_done = (asyncio.Event() for _ in range(4))
    really_on_file, really_keep, really_part = actions.on_file, ReportRows.keep, ReportRows.part
    looked, kept = list[str](), list[ReportRows]()

    async def on_file(*told: Any) -> Any:
        looked.append("")
        if len(looked) == 2:
            planned.set()
            await made.wait()
        return await really_on_file(*told)

    async def keep(self: ReportRows, rows: Sequence[ReportRow]) -> None:
        kept.append(self)
        if len(kept) == 1:
            await planned.wait()
            return await really_keep(self, rows)
        await really_keep(self, [])
        repeat_keeps.set()
        await first_done.wait()
        return await really_keep(self, rows)

    async def part(self: ReportRows, first: int, last: int) -> dict[int, ReportRow]:
        if not made.is_set():
            made.set()
            await repeat_keeps.wait()
        return await really_part(self, first, last)

    monkeypatch.setattr(actions, "on_file", on_file)
    monkeypatch.setattr(ReportRows, "keep", keep)
    monkeypatch.setattr(ReportRows, "part", part)
    first = asyncio.create_task(send(ann, book, dry_run=False, name="a.csv", key="k"))
    repeat = asyncio.create_task(send(ann, book, dry_run=False, name="a.csv", key="k"))
    done = (await first).json()
    first_done.set()
    again = (await repeat).json()
    assert (done["status"], done["created"], again["id"]) == ("done", 5, done["id"])
    assert await service.host.db["clients"].count_documents({}) == 5
    assert [row["outcome"] for row in await rows_of(ann, done["id"])] == ["created"] * 5
    assert await service.host.db["import_rows"].count_documents({}) == 5


@pytest.mark.rule("CLI-014")
async def test_rows_that_another_run_of_the_file_made_meanwhile_count_as_made(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
):
    ann, book = clerk(service), a_client_csv(*(a_client_row(number, 客户编号="") for number in range(1, 4)))
    really_add_many, runs = Clients.add_many, list[Clients]()

    async def add_many(self: Clients, things: Sequence[Any]) -> dict[str, str]:
        runs.append(self)
        if len(runs) == 1:
            service.clock.move(minutes=3)
            await service.run_job("continue_imports")
        return await really_add_many(self, things)

    monkeypatch.setattr(Clients, "add_many", add_many)
    done = (await send(ann, book, dry_run=False, name="a.csv")).json()
    assert (len(runs), done["status"], done["created"], done["refused"]) == (2, "done", 3, 0)
    listed = {client["code"] for client in (await ann.get("/clients")).json()["items"]}
    assert {row["code"] for row in await rows_of(ann, done["id"])} == listed
