"""What must be told to whom."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.finance import FinanceDocumentIssued
from contracts.notifications import MessageFailed, ObligationEscalated, ObligationReminded
from contracts.placement import PlacementDocumentIssued
from services.notifications.messages import delivering, reminding

consumers = Consumers()


@consumers.on(PlacementDocumentIssued, FinanceDocumentIssued)
async def send_document(fact: PlacementDocumentIssued | FinanceDocumentIssued, work: Work) -> None:
    """Mail an issued document to its recipients. Rules: NTF-030, NTF-036."""
    await delivering.send_document(fact, work)


@consumers.on(ObligationReminded)
async def remind_owner(fact: ObligationReminded, work: Work) -> None:
    """Remind the owner of an obligation. Rules: NTF-030, NTF-033."""
    await reminding.remind_owner(fact.obligation_id, work)


@consumers.on(ObligationEscalated)
async def tell_of_escalation(fact: ObligationEscalated, work: Work) -> None:
    """Tell supervisor or general manager, and the owner. Rules: NTF-008, NTF-032."""
    await reminding.tell_of_escalation(fact, work)


@consumers.on(MessageFailed)
async def tell_of_failure(fact: MessageFailed, work: Work) -> None:
    """Tell the owner of a mail that it was given up. Rule: NTF-035."""
    await delivering.tell_of_failure(fact, work)
