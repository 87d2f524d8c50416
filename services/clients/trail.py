"""The trail of a thing with a lifecycle: who moved it when, why, and with which evidence."""

from datetime import datetime

from chassis.model import Value


class Step(Value):
    """One step: the status reached, the aware UTC instant, the user, the reason, the evidence file; never changed
    later.
    """

    status: str
    at: datetime
    by: str
    reason: str = ""
    evidence_id: str | None = None
