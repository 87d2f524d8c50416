"""Chapter 11: what came of it in other services, from the events alone: debit note, diary, e-mails."""

import email
import email.message
import email.policy
from collections import Counter
from typing import Any

from deploy.local.demo.story import Story

DUTIES = Counter(["NTF-010", "NTF-011", "NTF-012", "NTF-013", "NTF-014", "NTF-018", "NTF-018"])
"""The rules by which the diary got its entries: policy and correction chased, manual, renewal, report, instalments."""


async def finance_and_diary(story: Story) -> None:
    """The debit note, approved by a second person; the diary with rule and source; the mails with their papers."""
    story.chapter(11, "What finance and the diary made of it, from the events alone")
    await _debit_note(story)
    await _diary(story)
    await _mails(story)


async def _debit_note(story: Story) -> None:
    finance, cashier = await story.who("fin"), await story.who("csh")
    policy = story.made["policy"]

    async def raised() -> Any:
        found = (await finance.get("/finance/debit_notes", policy_id=policy["id"]))["items"]
        return await finance.get(f"/finance/debit_notes/{found[0]['id']}") if found else None

    note = await story.until(raised)
    path = f"/finance/debit_notes/{note['id']}"
    parts = [part["amount"]["amount"] for part in note["instalments"]]
    story.check(_fen(note["total"]["amount"]) == sum(map(_fen, parts)), "the instalments do not add up to the fen")
    story.line(f"Debit note over {note['total']['amount']} in {len(parts)} instalments: {' + '.join(parts)}", note)
    early = await cashier.refused(409, "POST", f"{path}/issue", match=note)
    story.no("Issued before anybody approved it", early)
    note = await finance.post(f"{path}/approval", match=note)
    note = await cashier.post(f"{path}/issue", match=note)
    story.made["debit_note"] = note
    story.line(f"Approved by one, issued by another: {note['number']}", note)


def _fen(amount: str) -> int:
    return int(amount.replace(".", ""))


async def _diary(story: Story) -> None:
    executive = await story.who("ae.gd")
    policy = story.made["policy"]

    async def entered() -> Any:
        found = (await executive.get("/notifications/obligations", policy_id=policy["id"], limit=50))["items"]
        return found if Counter(duty["rule"]["id"] for duty in found) >= DUTIES else None

    for duty in await story.until(entered):
        due = duty["due_on"] or f"no calendar for {duty['gap']['year']}"
        clock = f"{duty['clock']['amount']} {duty['clock']['unit']}"
        why = f"[dim]{duty['rule']['id']} {duty['rule']['source']} ({clock})[/dim]"
        story.line(f"{duty['what']['zh']}: {due}, {duty['status']} {why}")
    receipt = {"on": story.on(0), "evidence_id": await story.evidence(executive, "placement", "保险手册签收回执")}
    path = f"/placement/policies/{policy['id']}"
    await executive.post(f"{path}/manual", receipt, match=await executive.get(path))

    async def met() -> Any:
        found = (await executive.get("/notifications/obligations", policy_id=policy["id"], limit=50))["items"]
        return [duty for duty in found if "SD-04" in duty["rule"]["source"] and duty["status"] == "met"]

    await story.until(met)
    story.line("The insurance manual is delivered, and its entry is met by the event")


async def _mails(story: Story) -> None:
    address = f"finance.{story.name}@client.example"

    async def arrived() -> Any:
        found = [mail for mail in _mailbox(story) if address in str(mail["to"])]
        return found if len(found) >= 4 else None

    for mail in await story.until(arrived):
        papers = [str(part.get_filename()) for part in mail.iter_attachments()]
        story.check(bool(papers), f"the mail {mail['subject']} has no paper attached")
        story.line(f"Mail to the client: {mail['subject']} [dim]+ {', '.join(papers)}[/dim]")


def _mailbox(story: Story) -> list[email.message.EmailMessage]:
    found = sorted(story.mail.glob("*.eml"), key=lambda path: path.stat().st_mtime)
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in found]  # type: ignore[misc]
