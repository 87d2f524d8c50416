"""Cover confirmations in MongoDB."""

from pymongo import IndexModel

from chassis.refusals import Conflict, Missing
from chassis.store import Store
from services.placement.confirmations.model import Confirmation


class ConfirmationNotFound(Missing):
    """No such confirmation."""

    rule = "PLC-006"
    zh = "没有承保确认书 {id}"
    en = "There is no cover confirmation {id}"


class AlreadyConfirmed(Conflict):
    """The placing has a confirmation."""

    rule = "PLC-085"
    zh = "该出单通知已有承保确认书"
    en = "This placing has a cover confirmation already"
    todo_zh = "请在已有的承保确认书上继续办理"
    todo_en = "Go on with the one that is there"


class Confirmations(Store[Confirmation]):
    """All confirmations; one for each placing."""

    collection = "confirmations"
    model = Confirmation
    missing = ConfirmationNotFound
    indexes = [
        IndexModel([("placing_id", 1)], name="placing", unique=True),
        IndexModel([("branch", 1), ("_id", -1)], name="branch"),
    ]
    duplicates = {"placing": AlreadyConfirmed}
