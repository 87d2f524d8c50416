"""Clauses in MongoDB."""

from pymongo import IndexModel

from chassis.refusals import Conflict, Missing
from chassis.store import Store
from services.placement.clauses.model import Clause


class ClauseNotFound(Missing):
    """No such clause."""

    rule = "PLC-006"
    zh = "没有条款 {id}"
    en = "There is no clause {id}"


class ClauseCodeTaken(Conflict):
    """Another clause has the code."""

    rule = "PLC-016"
    zh = "条款代码已被使用"
    en = "Another clause has this code"
    todo_zh = "修改措辞请为已有条款增加新版本"
    todo_en = "To change the wording, add an edition to the clause that has it"


class Clauses(Store[Clause]):
    """The clause library; everybody in the company reads it."""

    collection = "clauses"
    model = Clause
    missing = ClauseNotFound
    company_wide = True
    indexes = [IndexModel([("code", 1)], name="code", unique=True)]
    duplicates = {"code": ClauseCodeTaken}
