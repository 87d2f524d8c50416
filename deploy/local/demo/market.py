"""Chapters 6 and 7: the market enquiry, and what the insurers answer."""

from typing import Any

from deploy.local.api import Person
from deploy.local.demo.story import Story, yuan

CLOSING_PATIENCE = 150
"""Seconds: the closing time itself, and the jobs that look for it."""
ASKED = ("YXPC", "LQPC", "XTPC", "LZPC", "MTPC")
REST = {
    "security": {"minimum_solvency_bp": 15000, "notes": "要求具有省级理赔团队"},
    "subscription": {"valid_days": 30, "notes": "接受共保,首席承保份额不低于60%"},
    "fiscal": {"payment": "分两期付款"},
    "remuneration": {"brokerage_bp": 1500, "statement": "经纪佣金由承保公司按保险费的比例支付"},
    "premium_estimate": yuan("180000.00"),
}


async def enquire(story: Story) -> None:
    """Drafted from the answers, reviewed by tier, consented to, issued to five insurers, amended to all."""
    story.chapter(6, "Market enquiry")
    broker, manager = await story.who("ab.gd"), await story.who("am.gd")
    await _unregistered(story)
    slip = await broker.post("/placement/enquiries", {"questionnaire_id": story.made["questionnaire"]["id"]})
    path = f"/placement/enquiries/{slip['id']}"
    slip = await broker.patch(path, {**REST, "schedule_ids": [story.made["locations"]["id"]]}, match=slip)
    story.line(f"Drafted: {slip['number']}, sums from the answers, locations from the schedule", slip)
    stale = await broker.refused(412, "PATCH", path, REST, match='"1"')
    story.no("A change on an older version", stale)
    slip = await broker.post(f"{path}/submission", match=slip)
    own = await broker.refused(403, "POST", f"{path}/approval", match=slip)
    story.no("Reviewed by its author", own)
    low = await (await story.who("sup.gd")).refused(403, "POST", f"{path}/approval", match=slip)
    story.no("Reviewed by the supervisor", low)
    slip = await (await story.who("gm.hq")).post(f"{path}/approval", match=slip)
    story.line(f"Reviewed by tier {slip['tier']}: {slip['status']}")
    slip = await broker.post(f"{path}/consent", await _consent(story, manager), match=slip)
    story.line(f"The client consents to the document in writing: {slip['status']}")
    story.made["enquiry"] = await _issue(story, broker, slip)
    await _amend(story, broker)


async def _unregistered(story: Story) -> None:
    newcomer = await story.who("ab2.gd")
    body = {"questionnaire_id": story.made["questionnaire"]["id"]}
    problem = await newcomer.refused(409, "POST", "/placement/enquiries", body)
    story.no("An unregistered practitioner drafts an enquiry", problem)


async def _consent(story: Story, who: Person) -> dict[str, Any]:
    paper = await story.evidence(who, "placement", "询价方案客户确认书")
    return {"contact_id": story.made["signer"], "consented_at": story.at(), "file_id": paper}


async def _issue(story: Story, broker: Person, slip: dict[str, Any]) -> Any:
    path = f"/placement/enquiries/{slip['id']}"
    panel = {
        insurer["code"]: insurer["id"] for insurer in (await broker.get("/placement/insurers", limit=200))["items"]
    }
    story.made["insurers"] = {insurer_id: code for code, insurer_id in panel.items()}
    closes_at = story.at(seconds=story.closing_seconds)
    wrong = {"insurer_ids": [panel["YXPC"], panel["BHPC"]], "closes_at": closes_at}
    problem = await broker.refused(409, "POST", f"{path}/issue", wrong, match=slip)
    story.no("Issued to an insurer that is not licensed in the region", problem)
    body = {"insurer_ids": [panel[code] for code in ASKED], "closes_at": story.at(seconds=story.closing_seconds)}
    key = f"issue-{slip['id']}"
    issued = await broker.post(f"{path}/issue", body, match=slip, key=key)
    again = await broker.post(f"{path}/issue", body, match=slip, key=key)
    story.check(again["version"] == issued["version"], "a repeated key issued the enquiry again")
    other = await broker.refused(422, "POST", f"{path}/issue", {**body, "language": "en"}, match=slip, key=key)
    story.no("The same key with another body", other)
    story.line(f"Issued to {len(issued['insurer_ids'])} insurers, open until {issued['closes_at']}", issued)
    return issued


async def _amend(story: Story, broker: Person) -> None:
    path = f"/placement/enquiries/{story.made['enquiry']['id']}"
    change = {
        "changes": ["补充:水浸历史为无,近五年赔款合计28.9万元"],
        "information": {"notes": "近五年赔款2次,合计28.9万元"},
    }
    change["consent"] = await _consent(story, await story.who("am.gd"))
    slip = await broker.post(f"{path}/amendment", change, match=await broker.get(path))
    story.made["enquiry"] = slip
    documents = (await broker.get("/placement/documents", about_id=slip["id"]))["items"]
    story.check(len(documents) == 2, f"{len(documents)} enquiry papers instead of two editions")
    story.line(f"Amended once, edition {slip['edition']}, to all; two papers are frozen, the second:", documents[0])


def _terms(story: Story, premium: str, evidence: str, **more: Any) -> dict[str, Any]:
    limits = [
        {"subject": "建筑物", "amount": yuan("164374000.00")},
        {"subject": "机器设备", "amount": yuan("40380000.00")},
        {"subject": "存货年平均余额", "amount": yuan("14485000.00")},
    ]
    terms = {"premium": yuan(premium), "rate_ppm": 750, "limits": limits, "valid_until_on": story.on(30)}
    return terms | {"deductible": {"amount": yuan("20000.00")}, "evidence_id": evidence} | more


STANDING = {
    "YXPC": (22850, "5000000.00", 4, 4, 12),
    "LQPC": (19600, "3000000.00", 5, 4, 9),
    "XTPC": (24100, "2000000.00", 3, 3, 20),
}


async def quotes_come_in(story: Story) -> None:
    """Three in terms, one declines, one stays silent; the comparison shows all eight dimensions."""
    story.chapter(7, "Quotes and their comparison")
    broker = await story.who("ab.gd")
    asked = await insurers_answer(story, broker)
    await _close(story, broker, asked["MTPC"])
    await shortlist(story, broker, asked)


async def insurers_answer(story: Story, broker: Person) -> dict[str, Any]:
    """All but the last, once the enquiry has reached them; gives the quotes asked for, by the insurer's code."""
    enquiry = story.made["enquiry"]

    async def all_asked() -> Any:
        lines = (await broker.get("/placement/quotes", enquiry_id=enquiry["id"]))["items"]
        found = [await broker.get(f"/placement/quotes/{line['id']}") for line in lines]
        reached = [quote for quote in found if quote["edition"] == enquiry["edition"]]
        return reached if len(reached) == len(ASKED) else None

    asked = {story.made["insurers"][quote["insurer_id"]]: quote for quote in await story.until(all_asked)}
    paper = await story.evidence(broker, "placement", "保险公司报价函")
    earthquake = {
        "kind": "exclusion",
        "words": {"title_zh": "地震除外", "text_zh": "地震、海啸造成的损失除外"},
        "restrictive": True,
    }
    await _terms_in(story, broker, asked["YXPC"], _terms(story, "164000.00", paper, clauses=[earthquake]))
    await _terms_in(story, broker, asked["LQPC"], _terms(story, "175000.00", paper))
    await _terms_in(story, broker, asked["XTPC"], _terms(story, "182000.00", paper))
    await _revised(story, broker, asked["LQPC"], _terms(story, "168000.00", paper))
    await decline(story, broker, asked["LZPC"])
    return asked


async def decline(story: Story, broker: Person, asked: dict[str, Any]) -> None:
    """An insurer will not quote."""
    path = f"/placement/quotes/{asked['id']}"
    reason = {"reason": "年度财产险承保能力已满"}
    declined = await broker.post(f"{path}/declinature", reason, match=await broker.get(path))
    story.line(f"{declined['insurer_name']} declines: {declined['reason']}", declined)


async def _terms_in(story: Story, broker: Person, quote: dict[str, Any], terms: dict[str, Any]) -> None:
    path = f"/placement/quotes/{quote['id']}"
    quote = await broker.post(f"{path}/acknowledgement", match=await broker.get(path))
    quote = await broker.post(f"{path}/terms", terms, match=quote)
    flagged = len([clause for clause in quote["terms"]["clauses"] if clause["restrictive"]])
    warning = f", {flagged} restrictive condition flagged (SD-15)" if flagged else ""
    story.line(f"{quote['insurer_name']} quotes {terms['premium']['amount']}{warning}", quote)


async def _revised(story: Story, broker: Person, quote: dict[str, Any], terms: dict[str, Any]) -> None:
    path = f"/placement/quotes/{quote['id']}"
    question = {"question": "请确认能否下调费率"}
    quote = await broker.post(f"{path}/clarification", question, match=await broker.get(path))
    quote = await broker.post(f"{path}/revision", terms, match=quote)
    story.check(len(quote["earlier"]) == 1, "the first revision of the quote is gone")
    story.line(f"{quote['insurer_name']} revises to {terms['premium']['amount']}; the old revision is kept", quote)


async def until_closed(story: Story, broker: Person) -> None:
    """Waits until the enquiry is closed: its time is over, or all have answered."""

    async def closed() -> Any:
        enquiry = await broker.get(f"/placement/enquiries/{story.made['enquiry']['id']}")
        return enquiry if enquiry["status"] == "closed" else None

    story.made["enquiry"] = await story.until(closed, CLOSING_PATIENCE)


async def _close(story: Story, broker: Person, silent: dict[str, Any]) -> None:
    await story.closing_time()

    async def unanswered() -> Any:
        quote = await broker.get(f"/placement/quotes/{silent['id']}")
        return quote if quote["status"] == "no_response" else None

    await until_closed(story, broker)
    quote = await story.until(unanswered, CLOSING_PATIENCE)
    story.line(f"The closing time passes: {quote['insurer_name']} is {quote['status']}", quote)


async def shortlist(story: Story, broker: Person, asked: dict[str, Any]) -> None:
    """The three that quoted are researched, verified by a second person and compared."""
    quote_ids = [asked[code]["id"] for code in STANDING]
    second = await story.who("am.gd")
    for quote_id, (code, told) in zip(quote_ids, STANDING.items(), strict=True):
        path = f"/placement/quotes/{quote_id}"
        solvency, authority, service, adjusters, days = told
        standing = {
            "solvency_bp": solvency,
            "solvency_as_of_on": story.on(-60),
            "claims_authority": yuan(authority),
            "service_promise": "2小时内联系,24小时内到现场",
            "service_score": service,
            "adjusters_score": adjusters,
            "payment_days": days,
            "source": f"{code}偿付能力季度报告及本公司理赔记录",
        }
        quote = await broker.post(f"{path}/standing", standing, match=await broker.get(path))
        revision = {"revision": len(quote["earlier"]) + 1}
        quote = await second.post(f"{path}/verification", revision, match=quote)
        await broker.post(f"{path}/shortlisting", match=quote)
    matrix = await broker.get(f"/placement/enquiries/{story.made['enquiry']['id']}/comparison")
    story.check(len(matrix["rows"]) >= 8, f"the comparison has {len(matrix['rows'])} dimensions")
    dimensions = ", ".join(row["dimension"] for row in matrix["rows"])
    story.line(
        f"Comparison of {len(matrix['columns'])} offers on {dimensions}; {len(matrix['silent'])} without an offer"
    )
    story.made["quotes"] = quote_ids
