"""Chapters 9 and 10: placing with a panel of two, the cover confirmation, the policy and its check."""

from typing import Any

from deploy.local.api import Person
from deploy.local.demo.story import Story


async def place(story: Story) -> None:
    """The instruction, each insurer's written line, the confirmation only at exactly 100 %."""
    story.chapter(9, "Placing and cover confirmation")
    broker, executive = await story.who("ab.gd"), await story.who("ae.gd")
    proposal = story.made["proposal"]
    offers = {offer["quote_id"]: offer["insurer_id"] for offer in proposal["offers"]}
    leader, follower = (offers[quote_id] for quote_id in story.made["quotes"][:2])
    short = [
        {"insurer_id": leader, "share_bp": 6_000, "lead": True},
        {"insurer_id": follower, "share_bp": 3_000, "lead": False},
    ]
    panel = [short[0], {**short[1], "share_bp": 4_000}]
    body = {
        "proposal_id": proposal["id"],
        "panel": panel,
        "collection": "broker",
        "instalments": [{"due_on": story.on(30), "weight": 1}, {"due_on": story.on(120), "weight": 2}],
        "owner_id": executive.id,
    }
    problem = await broker.refused(422, "POST", "/placement/placings", body | {"panel": short})
    story.no("A panel of 90 %", problem)
    placing = await broker.post("/placement/placings", body)
    path = f"/placement/placings/{placing['id']}"
    placing = await broker.post(f"{path}/issue", match=placing)
    story.line(f"Placing instruction {placing['number']} to two insurers, 60 % and 40 %", placing)
    placing = await broker.post(f"{path}/lines", await _line(story, broker, leader, 6_000), match=placing)
    story.line(f"The leader writes 60 %: {placing['status']}, {placing['total_bp'] / 100:.2f} %")
    confirmation = await executive.post("/placement/confirmations", {"placing_id": placing["id"]})
    early = await executive.refused(
        409, "POST", f"/placement/confirmations/{confirmation['id']}/issue", match=confirmation
    )
    story.no("The cover confirmation at 60 %", early)
    placing = await broker.post(f"{path}/lines", await _line(story, broker, follower, 4_000), match=placing)
    story.line(f"The follower writes 40 %: {placing['status']}, {placing['total_bp'] / 100:.2f} %")
    await _confirm(story, executive, confirmation)


async def _line(story: Story, who: Person, insurer_id: str, share_bp: int) -> dict[str, Any]:
    paper = await story.evidence(who, "placement", "承保确认函")
    told = {"insurer_id": insurer_id, "share_bp": share_bp, "reference": f"WL-{story.name}-{share_bp}"}
    return told | {"accepted_on": story.on(0), "evidence_id": paper}


async def _confirm(story: Story, executive: Person, confirmation: dict[str, Any]) -> None:
    path = f"/placement/confirmations/{confirmation['id']}"
    confirmation = await executive.post(f"{path}/issue", match=confirmation)
    receipt = await story.evidence(executive, "placement", "承保确认书签收回执")
    delivered = {"delivered_at": story.at(), "evidence_id": receipt}
    confirmation = await executive.post(f"{path}/delivery", delivered, match=confirmation)
    story.made["policy_id"] = confirmation["policy_id"]
    story.line(f"Cover confirmation {confirmation['number']}: {confirmation['status']}", confirmation)
    paper = confirmation["document_ids"][0]
    record = await executive.get(f"/placement/documents/{paper}")
    twice = [await executive.content(f"/placement/documents/{paper}/content") for _ in range(2)]
    story.check(twice[0] == twice[1] and len(twice[0]) == record["size"], "a frozen paper is not served byte for byte")
    story.line(f"Its PDF: {record['size']} bytes, SHA-256 {record['sha256'][:16]}…, the same each time", record)

    async def won() -> Any:
        project = await executive.get(f"/clients/projects/{story.made['project']['id']}")
        return project["status"] == "won"

    await story.until(won)
    story.line("The project is won, from the event alone")


async def check_policy(story: Story) -> None:
    """A discrepancy sends the first document back; the second one is right, delivered and in force."""
    story.chapter(10, "The policy, checked clause by clause")
    broker, executive = await story.who("ab.gd"), await story.who("ae.gd")
    path = f"/placement/policies/{story.made['policy_id']}"
    policy = await _received(story, executive, f"PAR{story.name.upper()}A")
    placer = await broker.refused(403, "POST", f"{path}/checks", match=policy)
    story.no("Checked by the placer", placer)
    checker = await story.who("sup.gd")
    policy = await checker.post(f"{path}/checks", match=policy)
    items = policy["checks"][-1]["items"]
    wrong = next(item for item in items if item["kind"] == "deductible")
    findings = [
        {"key": item["key"], "agrees": item is not wrong, "note": "保单载明50,000元" if item is wrong else ""}
        for item in items
    ]
    policy = await checker.post(f"{path}/check_outcome", {"findings": findings}, match=policy)
    story.line(f"{len(items)} items compared, the deductible differs: {policy['status']}, back to the insurer", policy)
    await executive.post(f"{path}/chasing", match=policy)
    policy = await _received(story, executive, f"PAR{story.name.upper()}B")
    policy = await checker.post(f"{path}/checks", match=policy)
    findings = [{"key": item["key"], "agrees": True} for item in policy["checks"][-1]["items"]]
    policy = await checker.post(f"{path}/check_outcome", {"findings": findings}, match=policy)
    story.line(f"The second document agrees in all {len(findings)} items: {policy['status']}")
    receipt = {"on": story.on(0), "evidence_id": await story.evidence(executive, "placement", "保单签收回执")}
    policy = await executive.post(f"{path}/delivery", receipt, match=policy)
    story.made["policy"] = policy
    risk = "on risk" if policy["on_risk"] else f"on risk from {policy['cover']['starts_on']}"
    story.line(f"Delivered; {policy['status']}, {risk}", policy)


async def _received(story: Story, executive: Person, number: str) -> Any:
    path = f"/placement/policies/{story.made['policy_id']}"
    file_id = await story.evidence(executive, "placement", f"保险单{number}")
    body = {"file_id": file_id, "number": number, "received_on": story.on(0)}
    return await executive.post(f"{path}/documents", body, match=await executive.get(path))
