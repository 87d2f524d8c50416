"""Insurers in MongoDB."""

from pymongo import IndexModel

from chassis.refusals import Conflict, Missing
from chassis.store import Store
from services.placement.insurers.model import Insurer


class InsurerNotFound(Missing):
    """No such insurer."""

    rule = "PLC-006"
    zh = "没有保险公司 {id}"
    en = "There is no insurer {id}"


class InsurerCodeTaken(Conflict):
    """Another insurer has the code."""

    rule = "PLC-007"
    zh = "保险公司代码已被使用"
    en = "Another insurer has this code"
    todo_zh = "请核对代码,或修改已有的保险公司"
    todo_en = "Check the code, or change the insurer that has it"


class Insurers(Store[Insurer]):
    """The panel; everybody in the company reads it."""

    collection = "insurers"
    model = Insurer
    missing = InsurerNotFound
    company_wide = True
    indexes = [
        IndexModel([("code", 1)], name="code", unique=True),
        IndexModel([("name", 1), ("_id", 1)], name="name"),
    ]
    duplicates = {"code": InsurerCodeTaken}
