"""The record of who read what in clear (S4): append-only, kept before the answer is given."""

from chassis.ids import new_id
from chassis.work import Work


async def record(work: Work, what: str, about: str) -> None:
    """Keep that the caller reads `what` (for example "clients.identity_number") of a thing; durable when this returns.

    Rule: SYS-012 (docs/rules/chassis.md).
    """
    await work.db["audit"].insert_one(
        {
            "_id": new_id(),
            "at": work.now,
            "actor": work.actor.id,
            "what": what,
            "about": about,
            "correlation": work.correlation,
        }
    )
