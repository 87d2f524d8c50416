"""Work on debit notes: load, decide, save."""

from dataclasses import replace

from chassis.branches import BranchTree
from chassis.documents import Documents, Frozen, freeze
from chassis.numbering import next_number
from chassis.papers import Correspondent, Head, data
from chassis.refusals import TryLater
from chassis.store import together
from chassis.work import Work
from contracts.finance import FinanceDocumentIssued
from contracts.shared import Recipient
from services.finance.client_accounts.actions import the_account_for
from services.finance.client_accounts.model import ClientAccount
from services.finance.debit_notes import rules
from services.finance.debit_notes.model import DebitNote, Instalment
from services.finance.debit_notes.paper import TEMPLATE, TITLES, paper_of
from services.finance.debit_notes.store import DebitNotes
from services.finance.parties.actions import the_client, the_user
from services.finance.parties.model import Client
from services.finance.policies.model import Collection
from services.finance.policies.store import Policies


class BranchUnknown(TryLater):
    """The branch has not reached finance yet."""

    rule = "FIN-008"
    zh = "财务尚未收到机构 {id} 的资料"
    en = "Finance has not heard of branch {id} yet"
    todo_zh = "请稍候再试"
    todo_en = "Try again in a moment"


async def raise_debit_note(policy_id: str, work: Work) -> DebitNote:
    """Debit the premium of a policy that was just bound. Whoever bound it counts as the note's maker.

    Rule: FIN-003, premium is debited on binding (docs/rules/finance.md).
    """
    maker = work.event.actor if work.event else work.actor.id
    return await _draft(policy_id, maker, None, work)


async def draft_debit_note(policy_id: str, parts: tuple[Instalment, ...] | None, work: Work) -> DebitNote:
    """Draft another note for a policy whose first one was cancelled. Rule: FIN-003, FIN-001."""
    return await _draft(policy_id, work.actor.id, parts, work)


async def _draft(policy_id: str, maker: str, parts: tuple[Instalment, ...] | None, work: Work) -> DebitNote:
    policy = await Policies(work).get(policy_id)
    client = await the_client(policy.client_id, work)
    drafted = rules.draft(work.new_id("debit_notes"), policy, client.id, maker, parts)
    return await DebitNotes(work).add(*drafted)


async def change_plan(note_id: str, parts: tuple[Instalment, ...], work: Work) -> DebitNote:
    """Replace a draft's parts. Rule: FIN-001, FIN-002."""
    return await DebitNotes(work).change(note_id, lambda note: rules.change_plan(note, parts, work.actor.id))


async def approve_debit_note(note_id: str, work: Work) -> DebitNote:
    """Confirm what somebody else drafted. Rule: SYS-011."""
    return await DebitNotes(work).change(note_id, lambda note: rules.approve(note, work.actor.id, work.now))


async def cancel_debit_note(note_id: str, reason: str, work: Work) -> DebitNote:
    """Withdraw a note before it is paid. Rule: FIN-005."""
    return await DebitNotes(work).change(note_id, lambda note: rules.cancel(note, reason))


async def cancel_for_void_policy(policy_id: str, work: Work) -> None:
    """Withdraw the live note of a policy that was voided; nothing happens where there is none. Rule: FIN-005."""
    notes = DebitNotes(work)
    if note := await notes.live_for(policy_id):
        await notes.change(note.id, lambda note: rules.cancel(note, "policy voided"), subject=False)


async def issue_debit_note(note_id: str, work: Work) -> DebitNote:
    """Number an approved note, freeze its papers and have them sent to the client.

    Numbering commits first, by itself: rendering takes its time, and the series must not wait for it. A note that was
    numbered and then not issued (the process died) keeps its number and is issued under it by the next attempt.

    Raises:
        IllegalMove: the note is not approved.
        NoClientAccount: the broker collects, and there is nowhere to pay to.
        NoContact: nobody at the client gets its bills.
        ClientUnknown, BranchUnknown: they have not reached finance yet.

    Rule: FIN-002, FIN-004, FIN-006, FIN-007 (docs/rules/finance.md).
    """
    issuing = replace(work, if_match=None, must_match=False)
    note = await DebitNotes(issuing).change(note_id, rules.check_issuable)
    if work.answer.repeated:
        return note
    client = await the_client(note.client_id, work)
    recipients = _recipients(client)
    account = await _payee(note, work)
    numbering = replace(work, key=f"{work.key} number")
    note = await together(numbering, lambda inside: _number(note_id, inside))
    frozen = [await _freeze(note, client, account, language, work) for language in _languages(client)]
    return await together(issuing, lambda inside: _issue(note_id, client.id, frozen, recipients, inside))


async def _number(note_id: str, inside: Work) -> DebitNote:
    notes = DebitNotes(inside)
    note = await notes.get(note_id)
    if note.number:
        return await notes.change(note_id, lambda _: None)
    branch = (await BranchTree(inside.db).known()).get(note.branch)
    if branch is None:
        raise BranchUnknown(id=note.branch)
    year = inside.today.year
    count = await next_number(inside, rules.series(note, year))
    return await notes.change(note_id, lambda note: rules.number(note, branch.code, year, count))


async def _issue(
    note_id: str, client_id: str, frozen: list[Frozen], recipients: list[Recipient], inside: Work
) -> DebitNote:
    documents = Documents(inside)
    if await documents.already(frozen[0].id) is None:
        for paper in frozen:
            await documents.issue(paper, recipients, FinanceDocumentIssued)
    ids = [paper.id for paper in frozen]
    return await DebitNotes(inside).change(note_id, lambda note: rules.issue(note, client_id, inside.today, ids))


async def _payee(note: DebitNote, work: Work) -> ClientAccount | None:
    if note.collection is Collection.INSURER:
        return None
    return await the_account_for(note.branch, note.total.currency, work)


def _recipients(client: Client) -> list[Recipient]:
    contacts = client.billed_to()
    if not contacts:
        raise rules.NoContact
    return [Recipient(kind="client", party_id=client.id, name=told.name, email=told.email) for told in contacts]


def _languages(client: Client) -> tuple[str, ...]:
    return ("zh", "en") if client.language == "en" else ("zh",)


async def _freeze(note: DebitNote, client: Client, account: ClientAccount | None, language: str, work: Work) -> Frozen:
    policy = await Policies(replace(work, reach=None)).get(note.policy_id)
    checker = await the_user(note.approved_by, work)
    head = await _head(note, client, language, work)
    paper = paper_of(note, head, policy.number, account, checker.name if checker else "")
    return await freeze(
        work,
        template=TEMPLATE,
        data=data(paper),
        kind="debit_note",
        about_kind="debit_notes",
        about_id=note.id,
        title=f"{TITLES[note.collection, language]} {note.number}",
        branch=note.branch,
        language=language,
        client_id=client.id,
    )


async def _head(note: DebitNote, client: Client, language: str, work: Work) -> Head:
    branches = await BranchTree(work.db).known()
    company = next(branch for branch in branches.values() if branch.parent(work.today) is None)
    owner = await the_user(note.owner_id, work)
    return Head.model_validate(
        {
            "broker": company.name,
            "branch": branches[note.branch].name,
            "language": language,
            "number": note.number,
            "dated_on": work.today,
            "client": client.called(),
            "contact": Correspondent(name=owner.name, email=owner.email.reveal() if owner.email else "")
            if owner
            else None,
        }
    )
