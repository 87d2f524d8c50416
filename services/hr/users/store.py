"""The copy of users."""

from chassis.copies import Copy
from chassis.refusals import Missing
from services.hr.users.model import UserCopy


class UserUnknown(Missing):
    """No such user in the copy."""

    rule = "HRM-003"
    zh = "没有用户 {id}"
    en = "There is no user {id}"
    todo_zh = "请核对用户编号;新建的用户需稍候几秒"
    todo_en = "Check the id; a user that was only just added needs a few seconds"


class Users(Copy[UserCopy]):
    """Users; everybody may be named in any branch."""

    collection = "copy_users"
    model = UserCopy
    missing = UserUnknown
    company_wide = True
