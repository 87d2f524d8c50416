"""What the rules of project registration refuse."""

from chassis.refusals import Conflict, Forbidden, Invalid, Missing


class ProjectNotFound(Missing):
    """No such registration, or not in the caller's branches."""

    rule = "CLI-062"
    zh = "没有项目报备 {id}"
    en = "There is no project registration {id}"


class ProjectIncomplete(Invalid):
    """Something that a registration needs is missing or contradictory."""

    rule = "CLI-062"
    zh = "项目报备有 {count} 处缺漏或矛盾"
    en = "The registration has {count} gap(s) or contradiction(s)"
    todo_zh = "请补齐所列各项后再提交"
    todo_en = "Complete what is named, then submit it"


class ProjectFixed(Conflict):
    """What was submitted is no longer edited; only notes, team and timetable are, while it is open."""

    rule = "CLI-062"
    zh = "项目状态为 {state},不能修改 {field}"
    en = "The project is {state}; its {field} cannot be changed any more"


class NotTheSameClient(Conflict):
    """The client on file is somebody else than the prospect that was registered."""

    rule = "CLI-063"
    zh = "该客户与报备的潜在客户不是同一客户"
    en = "This client is not the prospect that was registered"


class ArbitrationNeeded(Conflict):
    """A conflicted registration is registered by arbitration only."""

    rule = "CLI-064"
    zh = "该报备与另一有效报备冲突,须经裁决"
    en = "Another live registration stands against this one; it needs arbitration"
    todo_zh = "机构内由机构负责人裁决(arbitration),跨机构由总经理裁决(cross_branch_arbitration)"
    todo_en = (
        "The branch head decides within the branch (arbitration), the general manager across (cross_branch_arbitration)"
    )


class NothingToArbitrate(Conflict):
    """Only a conflicted registration is arbitrated."""

    rule = "CLI-064"
    zh = "项目状态为 {state},没有待裁决的冲突"
    en = "The project is {state}; there is no conflict to decide"


class ConflictElsewhere(Forbidden):
    """The clash reaches into a branch that the caller cannot decide for."""

    rule = "CLI-064"
    zh = "冲突涉及其他机构,您无权裁决"
    en = "The clash reaches into another branch, which you cannot decide for"
    todo_zh = "请由总经理按跨机构裁决处理(cross_branch_arbitration)"
    todo_en = "The general manager decides by cross_branch_arbitration"


class SameHands(Forbidden):
    """Whoever registered, owns or asked cannot decide on it."""

    rule = "SYS-011"
    zh = "申请人或项目负责人不能自行批准"
    en = "Whoever asked for it or owns the project cannot decide on it"
    todo_zh = "请由另一位有权限的人员处理"
    todo_en = "Somebody else with the right decides"


class ReasonMissing(Invalid):
    """A decision that somebody has to live with needs a reason."""

    rule = "CLI-072"
    zh = "须写明理由"
    en = "The decision needs a reason"


class ProtectionOver(Conflict):
    """The protection has ended."""

    rule = "CLI-066"
    zh = "保护期已于 {until} 届满"
    en = "The protection ended on {until}"
    todo_zh = "请重新报备"
    todo_en = "Register the project again"


class ExtendedAlready(Conflict):
    """Protection is extended once."""

    rule = "CLI-066"
    zh = "保护期只能延长一次"
    en = "The protection was extended already, which is possible once"


class NothingAsked(Conflict):
    """There is no open request to decide on."""

    rule = "SYS-011"
    zh = "没有待处理的申请"
    en = "There is no open request to decide on"
    todo_zh = "请先由项目人员提出申请"
    todo_en = "Somebody of the project asks first"


class NoExpenseMatrix(Conflict):
    """No expense matrix is in force, so nobody can be named who may approve."""

    rule = "CLI-067"
    zh = "没有生效的费用授权矩阵"
    en = "No authority matrix for expenses is in force"
    todo_zh = "请先启用费用类授权矩阵"
    todo_en = "Activate an authority matrix of the kind expense first"


class BudgetInvalid(Invalid):
    """A budget is an amount in CNY, zero or more."""

    rule = "CLI-067"
    zh = "费用预算须为不小于零的人民币金额"
    en = "A budget is an amount in CNY, zero or more"


class TierTooLow(Forbidden):
    """The amount belongs to a higher tier."""

    rule = "CLI-067"
    zh = "该预算须由 {tier} 级批准"
    en = "This budget is for the tier {tier}"
    todo_zh = "请由该级别或更高级别人员批准"
    todo_en = "Somebody of that tier or a higher one decides"


class SubordinateDecides(Forbidden):
    """Nobody decides on a request of somebody he reports to."""

    rule = "CLI-068"
    zh = "不得由申请人的下属批准"
    en = "Somebody who reports to the requester cannot decide"
    todo_zh = "请由申请人的上级或无隶属关系的人员批准"
    todo_en = "Somebody who does not report to the requester decides"


class NotReady(Conflict):
    """Team, timetable or budget do not stand yet."""

    rule = "CLI-069"
    zh = "项目启动条件尚缺 {count} 项"
    en = "{count} thing(s) are missing before the project can start"


class NotWon(Conflict):
    """Costs are posted for what was won."""

    rule = "CLI-070"
    zh = "项目状态为 {state},尚未成交,不能登记成本"
    en = "The project is {state}; costs are posted once it is won"


class CostsMissing(Conflict):
    """Finance has not posted the costs."""

    rule = "CLI-070"
    zh = "财务尚未入账项目成本"
    en = "Finance has not posted the project's costs yet"
    todo_zh = "请财务先登记成本(costs)"
    todo_en = "Finance posts the costs first"


class ProjectOver(Conflict):
    """The project has ended."""

    rule = "CLI-071"
    zh = "项目已结束({state})"
    en = "The project has ended ({state})"


class OwnerAlready(Conflict):
    """The user owns it already."""

    rule = "CLI-071"
    zh = "该用户已是项目负责人"
    en = "This user owns the project already"
