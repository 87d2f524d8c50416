"""Questionnaires in MongoDB."""

from pymongo import IndexModel

from chassis.refusals import Missing
from chassis.store import Store
from services.placement.questionnaires.model import Questionnaire


class QuestionnaireNotFound(Missing):
    """No such questionnaire, or not in the caller's branches."""

    rule = "PLC-006"
    zh = "没有问卷 {id}"
    en = "There is no questionnaire {id}"


class Questionnaires(Store[Questionnaire]):
    """The questionnaires."""

    collection = "questionnaires"
    model = Questionnaire
    missing = QuestionnaireNotFound
    indexes = [
        IndexModel([("branch", 1), ("_id", -1)], name="branch"),
        IndexModel([("client_id", 1), ("_id", -1)], name="client"),
    ]
