"""What families of lines and kinds of work are called, in Chinese and English."""

from contracts.shared import KindOfWork, LineFamily

LINES = {
    LineFamily.PROPERTY: ("财产险", "property"),
    LineFamily.ENGINEERING: ("工程险", "engineering"),
    LineFamily.LIABILITY: ("责任险", "liability"),
    LineFamily.CARGO: ("货运险", "cargo"),
    LineFamily.MOTOR: ("车险", "motor"),
    LineFamily.CREDIT: ("信用保证险", "credit"),
    LineFamily.PERSONAL: ("人身险", "personal lines"),
    LineFamily.BENEFITS: ("员工福利", "employee benefits"),
}
ANY_LINE = ("任一险种", "any line")
WORK = {
    KindOfWork.SCHEME: ("方案制作和审核", "schemes"),
    KindOfWork.POLICY_CHECK: ("保单审核", "policy checks"),
    KindOfWork.CLAIMS: ("协助索赔", "claims assistance"),
}


def line_words(line_family: LineFamily | None) -> tuple[str, str]:
    """The family's names in Chinese and English; None stands for any line."""
    return LINES[line_family] if line_family else ANY_LINE


def work_words(kind: KindOfWork) -> tuple[str, str]:
    """The kind's names in Chinese and English."""
    return WORK[kind]
