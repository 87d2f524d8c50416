"""Chapters 2 to 4: the branch's files, the client with notice and mandate, the project registration."""

from pathlib import Path
from typing import Any

from deploy.local.api import Person
from deploy.local.demo.story import Story, a_credit_code, yuan

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def import_files(story: Story) -> None:
    """A branch takes in its client files: first a dry run, then the same for good, then again without effect."""
    story.chapter(2, "A branch takes in its client files")
    manager = await story.who("am.gd")
    for name, media_type in (("clients.xlsx", SPREADSHEET), ("clients-legacy.csv", "text/csv")):
        dry = await _import(story, name, media_type, dry_run=True)
        story.line(f"{name}, dry run: {_counts(dry)}", dry)
        refused = await manager.get(f"/clients/imports/{dry['id']}/rows", outcome="refused", limit=3)
        for row in refused["items"]:
            reasons = "; ".join(f"{found['column']} {found['zh']}({found['rule']})" for found in row["findings"])
            story.line(f"  [dim]{row['sheet']} {row['row']}: {reasons}[/dim]")
        real = await _import(story, name, media_type, dry_run=False)
        story.check(_counts(real) == _counts(dry), f"the import of {name} did not do what its dry run said")
        again = await _import(story, name, media_type, dry_run=False)
        story.check(again["created"] == 0, f"a second import of {name} made clients")
        story.line(f"{name}, for good, and once more: {_counts(again)}", real)


async def _import(story: Story, name: str, media_type: str, *, dry_run: bool) -> Any:
    manager = await story.who("am.gd")
    told = {"branch": manager.branch, "dry_run": str(dry_run).lower()}
    file = (name, (story.data / name).read_bytes(), media_type)
    started = await manager.post("/clients/imports", None, files={"file": file}, data=told)

    async def finished() -> Any:
        report = await manager.get(f"/clients/imports/{started['id']}")
        return report if report["status"] != "running" else None

    return await story.until(finished)


def _counts(report: dict[str, Any]) -> str:
    return f"{report['created']} created, {report['known']} known, {report['refused']} refused"


async def take_on_client(story: Story) -> None:
    """A client gets notice and mandate; before that no placement step goes through."""
    story.chapter(3, "Client notice and mandate")
    executive = await story.who("ae.gd")
    manager, broker = await story.who("am.gd"), await story.who("ab.gd")
    client = await executive.post("/clients/clients", _a_client(story, executive, manager, broker))
    story.made["client"] = client
    story.line(f"Prospect {client['code']} {client['name']}", client)
    story.made["signer"] = next(contact["id"] for contact in client["contacts"] if contact["may_sign"])
    question_set = (await broker.get("/placement/question_sets"))["items"][0]
    story.made["question_set"] = question_set
    asked = {"client_id": client["id"], "question_set_id": question_set["id"]}

    async def known() -> Any:
        problem = await executive.refused(409, "POST", "/placement/questionnaires", asked)
        return problem if problem["type"].endswith("-missing") else None

    story.no("A questionnaire before the notice", await story.until(known))
    await _notice(story, executive)
    await _mandate(story, executive, asked)


def _a_client(story: Story, *team: Person) -> dict[str, Any]:
    roles = ("executive", "manager", "broker")
    code = a_credit_code(story.name)
    return {
        "branch": team[0].branch,
        "kind": "company",
        "name": f"临岚启驰机械制造{code[-8:]}有限公司",
        "identity": {"kind": "uscc", "number": code},
        "industry": "通用设备制造",
        "region": "44",
        "city": "深圳市",
        "address": "广东省深圳市高新区澜桥大道134号",
        "team": [{"user_id": person.id, "role": role} for person, role in zip(team, roles, strict=True)],
        "contacts": [
            {
                "name": "吕秋安",
                "title": "财务总监",
                "phone": "13500001111",
                "email": f"finance.{story.name}@client.example",
                "roles": ["decision", "insurance", "finance"],
                "may_sign": True,
            }
        ],
    }


async def _notice(story: Story, executive: Person) -> None:
    client = story.made["client"]
    notice = await executive.post("/clients/notices", {"client_id": client["id"]})
    notice = await executive.post(f"/clients/notices/{notice['id']}/issue", match=notice)
    paper = await story.evidence(executive, "clients", "客户告知书回执")
    signed = {"signed_at": story.at(), "contact_id": story.made["signer"], "evidence_id": paper}
    notice = await executive.post(f"/clients/notices/{notice['id']}/acknowledgement", signed, match=notice)
    story.line(f"Client notice, edition {notice['edition']}: {notice['status']}", notice)


async def _mandate(story: Story, executive: Person, asked: dict[str, Any]) -> None:
    client, compliance = story.made["client"], await story.who("com")
    head = await story.who("bm.gd")
    terms = {
        "kind": "contract",
        "line_families": ["property", "motor"],
        "services": "风险评估、方案设计、询价、投保安排、协助索赔",
        "from_on": story.on(0),
        "until_on": story.on(729),
        "fee": {"basis": "commission"},
    }
    mandate = await executive.post("/clients/mandates", {"client_id": client["id"], "terms": terms})
    mandate = await executive.post(f"/clients/mandates/{mandate['id']}/submission", match=mandate)
    mandate = await compliance.post(f"/clients/mandates/{mandate['id']}/review", {"passed": True}, match=mandate)
    problem = await executive.refused(409, "POST", "/placement/questionnaires", asked)
    story.no("A questionnaire before the mandate is signed", problem)
    signatures = {
        "client_contact_id": story.made["signer"],
        "client_signed_at": story.at(),
        "broker_user_id": head.id,
        "broker_signed_at": story.at(),
        "evidence_id": await story.evidence(executive, "clients", "保险经纪委托合同"),
    }
    mandate = await executive.post(f"/clients/mandates/{mandate['id']}/signature", signatures, match=mandate)
    story.line(f"Mandate: {mandate['status']} from {terms['from_on']} until {terms['until_on']}", mandate)

    async def converted() -> Any:
        return (await executive.get(f"/clients/clients/{client['id']}"))["status"] == "client"

    await story.until(converted)
    story.line("The prospect is a client now")


async def register_project(story: Story) -> None:
    """The branch claims the client's property business; another branch's claim is a conflict, and is arbitrated."""
    story.chapter(4, "Project registration, and a conflict")
    client = story.made["client"]
    ours, theirs = await story.who("am.gd"), await story.who("am.zj")
    secret = f"续保底价 {story.name},不得外传"
    wanted = {
        "client_id": client["id"],
        "line_family": "property",
        "expected_premium": yuan("180000.00"),
        "present_cover_ends_on": story.on(30),
        "notes": secret,
    }
    project = await ours.post("/clients/projects", wanted)
    project = await ours.post(f"/clients/projects/{project['id']}/submission", match=project)
    supervisor = await story.who("sup.gd")
    project = await supervisor.post(f"/clients/projects/{project['id']}/registration", match=project)
    story.line(f"Registered, protected until {project['protected_until_on']}", project)
    rival = await _rival(story, theirs, client)
    seen = str((await theirs.call("GET", f"/clients/projects/{rival['id']}")).text)
    story.check(secret not in seen and project["id"] not in seen, "the other branch sees the owner's registration")
    hidden = await theirs.refused(404, "GET", f"/clients/projects/{project['id']}")
    story.no("The other branch asks for the owner's registration", hidden)
    general_manager = await story.who("gm.hq")
    rival = await general_manager.get(f"/clients/projects/{rival['id']}")
    ruling = {"award": False, "reason": "先行完整报备者优先(G-01)"}
    path = f"/clients/projects/{rival['id']}/cross_branch_arbitration"
    rival = await general_manager.post(path, ruling, match=rival)
    story.line(f"Arbitrated by the general manager: the rival is {rival['status']}", rival)
    await _activate(story, ours, supervisor, project)


async def _rival(story: Story, theirs: Person, client: dict[str, Any]) -> Any:
    prospect = {"kind": "company", "name": client["name"]}
    prospect |= {"identity": {"kind": "uscc", "number": a_credit_code(story.name)}}
    wanted = {
        "prospect": prospect,
        "branch": theirs.branch,
        "line_family": "property",
        "expected_premium": yuan("200000.00"),
        "present_cover_ends_on": story.on(30),
    }
    rival = await theirs.post("/clients/projects", wanted)
    rival = await theirs.post(f"/clients/projects/{rival['id']}/submission", match=rival)
    story.check(rival["status"] == "conflicted", f"the second registration is {rival['status']}, not conflicted")
    story.line("A second branch registers the same client: conflicted", rival)
    return rival


async def _activate(story: Story, owner: Person, supervisor: Person, project: dict[str, Any]) -> None:
    executive, broker = await story.who("ae.gd"), await story.who("ab.gd")
    team = [(owner, "manager"), (executive, "executive"), (broker, "broker")]
    plan = {
        "team": [{"user_id": person.id, "role": role} for person, role in team],
        "timetable": [{"name": "询价", "due_on": story.on(7)}, {"name": "起保", "due_on": story.on(30)}],
    }
    path = f"/clients/projects/{project['id']}"
    project = await owner.patch(path, plan, match=await owner.get(path))
    budget = {"amount": yuan("1500.00"), "purpose": "现场查勘差旅"}
    project = await owner.post(f"{path}/budget", budget, match=project)
    own = await owner.refused(403, "POST", f"{path}/budget_decision", {"approve": True}, match=project)
    story.no("The budget approved by who asked for it", own)
    project = await supervisor.post(f"{path}/budget_decision", {"approve": True}, match=project)
    project = await owner.post(f"{path}/activation", match=project)
    story.made["project"] = project
    story.line(f"The project is {project['status']}; budget {budget['amount']['amount']} approved", project)


def default_files() -> Path:
    """The small files of the repository."""
    return Path(__file__).resolve().parent.parent / "data"
