"""The copies of policies in MongoDB."""

from chassis.copies import Copy
from chassis.refusals import Missing
from services.finance.policies.model import Policy


class PolicyUnknown(Missing):
    """No such policy, not in the caller's branches, or it has not reached finance yet."""

    rule = "FIN-008"
    zh = "没有保单 {id}"
    en = "There is no policy {id}"
    todo_zh = "请核对编号;刚承保的保单需稍候几秒"
    todo_en = "Check the id; a policy that was only just bound needs a few seconds"


class Policies(Copy[Policy]):
    """Policies, found only in the caller's branches."""

    collection = "copy_policies"
    model = Policy
    missing = PolicyUnknown
