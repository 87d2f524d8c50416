"""Chapter 8: the proposal, its review, its second edition, and the client's written acceptance."""

from typing import Any

from deploy.local.api import Person
from deploy.local.demo.story import Story

ADVICE = {
    "reasons": ["云岫费率最低且偿付能力充足", "澜桥服务承诺与赔付时效最佳,适合共保"],
    "shortfall_advice": "云岫报价除外地震责任,建议另行安排扩展或自留",
    "related_parties": "本公司及高级管理人员与所列保险公司不存在关联关系",
    "remuneration": "经纪佣金由保险公司按保险费的15%支付,客户无需另付费用",
}


async def advise(story: Story) -> None:
    """Reviewed by tier, sent, superseded once, accepted in writing."""
    story.chapter(8, "Proposal and the client's acceptance")
    broker = await story.who("ab.gd")
    first = await broker.post("/placement/proposals", {"enquiry_id": story.made["enquiry"]["id"]})
    story.line(f"Drafted: {first['number']}, premium {first['premium']['amount']}", first)
    first = await _sent(story, broker, first, tell=True)
    second = await broker.post(f"/placement/proposals/{first['id']}/editions", match=first)
    story.line(f"The client wants co-insurance: edition {second['edition']} is written", second)
    second = await _sent(story, broker, second, tell=False)

    async def superseded() -> Any:
        return (await broker.get(f"/placement/proposals/{first['id']}"))["status"] == "superseded"

    await story.until(superseded)
    problem = await _accept(story, broker, await broker.get(f"/placement/proposals/{first['id']}"), refused=True)
    story.no("The superseded edition is accepted", problem)
    story.made["proposal"] = await _accept(story, broker, second)
    story.line(
        f"Edition {second['edition']} is accepted in writing, with the statement on disclosure (SD-16, SD-17)", second
    )


async def _sent(story: Story, broker: Person, proposal: dict[str, Any], *, tell: bool) -> Any:
    path = f"/placement/proposals/{proposal['id']}"
    leader, follower = story.made["quotes"][0], story.made["quotes"][1]
    shares = [{"quote_id": leader, "share_bp": 10_000, "lead": True}]
    if not tell:
        shares = [
            {"quote_id": leader, "share_bp": 6_000, "lead": True},
            {"quote_id": follower, "share_bp": 4_000, "lead": False},
        ]
    proposal = await broker.patch(path, ADVICE | {"recommendation": shares}, match=proposal)
    proposal = await broker.post(f"{path}/submission", match=proposal)
    if tell:
        own = await broker.refused(403, "POST", f"{path}/approval", match=proposal)
        story.no("Approved by its author", own)
    proposal = await (await story.who("gm.hq")).post(f"{path}/approval", match=proposal)
    executive = await story.who("ae.gd")
    proposal = await executive.post(f"{path}/sending", {"answer_until_on": story.on(14)}, match=proposal)
    story.line(f"Approved by tier {proposal['tier']} and sent; to be answered until {proposal['answer_until_on']}")
    return proposal


async def _accept(story: Story, who: Person, proposal: dict[str, Any], *, refused: bool = False) -> Any:
    recommended = proposal["advice"]["recommendation"]
    body = {
        "edition": proposal["edition"],
        "quote_ids": [line["quote_id"] for line in recommended],
        "contact_id": story.made["signer"],
        "decided_at": story.at(),
        "disclosure_statement": "我司已完全了解并严格、全面履行了保险的告知义务",
        "exclusions_explained": True,
        "evidence_id": await story.evidence(who, "placement", "保险建议书客户确认函"),
    }
    path = f"/placement/proposals/{proposal['id']}/acceptance"
    executive = await story.who("ae.gd")
    if refused:
        return await executive.refused(409, "POST", path, body, match=proposal)
    return await executive.post(path, body, match=proposal)
