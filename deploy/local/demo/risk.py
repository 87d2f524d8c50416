"""Chapter 5: what is to be insured: the questionnaire in two goes, the statement of disclosure, the schedules."""

from typing import Any

from deploy.local.api import Person
from deploy.local.demo.client import SPREADSHEET
from deploy.local.demo.story import Story, a_credit_code, yuan


def first_answers(story: Story) -> dict[str, Any]:
    """What the client knows at once."""
    return {
        "insured": story.made["client"]["name"],
        "uscc": a_credit_code(story.name),
        "situation": "广东省深圳市高新区澜桥大道134号",
        "business": "重型装备结构件、液压部件的制造与销售",
        "site_area": "52000",
        "staff": "2088",
        "starts_on": story.on(story.closing_days),
        "built_in": "2013",
        "structure": "钢结构",
        "buildings": yuan("164374000.00"),
        "basis": "重置价值",
        "panels": True,
        "underground": False,
    }


def second_answers(story: Story) -> dict[str, Any]:
    """What it had to look up; the sandwich panels brought a further question."""
    return {
        "panel_share": "0.15",
        "machinery": yuan("40380000.00"),
        "top_machine": "五轴联动加工中心",
        "top_value": yuan("5740000.00"),
        "stock": yuan("14485000.00"),
        "stock_peak": yuan("25457000.00"),
        "flammables": False,
        "sprinklers": "0.65",
        "hydrants": "217",
        "fire_brigade": "5",
        "guarded": True,
        "fire_check_on": story.on(-45),
        "hot_work": True,
        "height": "73",
        "flooded": False,
        "losses": "2",
        "paid": yuan("289000.00"),
        "expires_on": story.on(story.closing_days - 1),
        "deductible": yuan("20000.00"),
        "interruption": False,
        "filled_by": "吕秋安",
    }


async def ask_client(story: Story) -> None:
    """The question set is sent, answered in two goes, and returned with the statement of disclosure."""
    story.chapter(5, "Questionnaire, disclosure, schedules")
    executive = await story.who("ae.gd")
    asked = {
        "client_id": story.made["client"]["id"],
        "project_id": story.made["project"]["id"],
        "question_set_id": story.made["question_set"]["id"],
    }
    sheet = await executive.post("/placement/questionnaires", asked)
    path = f"/placement/questionnaires/{sheet['id']}"
    story.line(f"Sent: {sheet['line']}, edition {sheet['edition']}, {len(sheet['asked'])} questions", sheet)
    sheet = await executive.post(f"{path}/answers", {"answers": first_answers(story)}, match=sheet)
    story.check(
        "panel_share" in sheet["asked"], "the answer on sandwich panels does not bring the question on their share"
    )
    story.line(f"First go: {len(sheet['missing'])} still open; sandwich panels brought a further question")
    statement = (await executive.get("/placement/disclosure_statements"))[-1]
    signed = {"contact_id": story.made["signer"], "edition": statement["edition"], "made_at": story.at()}
    signed["file_id"] = await story.evidence(executive, "placement", "如实告知声明")
    problem = await executive.refused(409, "POST", f"{path}/return", signed, match=sheet)
    story.no("Returned with questions open", problem)
    sheet = await executive.post(f"{path}/answers", {"answers": second_answers(story)}, match=sheet)
    signed["made_at"] = story.at()
    sheet = await executive.post(f"{path}/return", signed, match=sheet)
    story.made["questionnaire"] = sheet
    story.line(f"Second go: {sheet['status']}, disclosure statement {statement['edition']} signed", sheet)
    for kind, name in (("locations", "property-locations.xlsx"), ("vehicles", "fleet.xlsx")):
        story.made[kind] = await _schedule(story, executive, kind, name)


async def _schedule(story: Story, executive: Person, kind: str, name: str) -> Any:
    content = (story.data / name).read_bytes()
    sent: dict[str, Any] = {"files": {"file": (name, content, SPREADSHEET)}, "data": {"kind": kind}}
    dry = await executive.post("/placement/schedules/checks", None, **sent)
    sent["data"]["client_id"] = story.made["client"]["id"]
    schedule = await executive.post("/placement/schedules", None, **sent)
    story.check(schedule["report"] == dry, f"{name} was not taken in as its check said")
    totals = ", ".join(f"{total['amount']['amount']}" for total in schedule["totals"][:1])
    story.line(f"{name}: {schedule['rows']} rows {f'of {totals} yuan' if totals else ''}", schedule)
    return schedule
