"""Question sets in MongoDB."""

from pymongo import IndexModel

from chassis.refusals import Missing
from chassis.store import Store
from services.placement.question_sets.model import QuestionSet


class QuestionSetNotFound(Missing):
    """No such question set."""

    rule = "PLC-006"
    zh = "没有问卷模板 {id}"
    en = "There is no question set {id}"


class QuestionSets(Store[QuestionSet]):
    """The question sets; everybody in the company reads them."""

    collection = "question_sets"
    model = QuestionSet
    missing = QuestionSetNotFound
    company_wide = True
    indexes = [IndexModel([("line", 1), ("_id", 1)], name="line")]
