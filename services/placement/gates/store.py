"""The copies and where they are kept."""

from pymongo import IndexModel

from chassis.copies import Copy
from chassis.refusals import Missing
from services.placement.gates.model import (
    ClientCopy,
    EmployeeCopy,
    MandateCopy,
    NoticeCopy,
    ProjectCopy,
    RegistrationCopy,
    UserCopy,
)


class ClientUnknown(Missing):
    """No such client in placement's copy, or not in the caller's branches."""

    rule = "PLC-006"
    zh = "没有客户 {id}"
    en = "There is no client {id}"
    todo_zh = "请核对编号;新建的客户需稍候几秒"
    todo_en = "Check the id; a client that was only just added needs a few seconds"


class NoticeUnknown(Missing):
    """No such client notice."""

    rule = "PLC-006"
    zh = "没有客户告知书 {id}"
    en = "There is no client notice {id}"


class MandateUnknown(Missing):
    """No such mandate."""

    rule = "PLC-006"
    zh = "没有委托 {id}"
    en = "There is no mandate {id}"


class ProjectUnknown(Missing):
    """No such project, or one of another client."""

    rule = "PLC-034"
    zh = "该客户没有项目 {id}"
    en = "The client has no project {id}"
    todo_zh = "请核对项目编号,或先为该客户报备项目"
    todo_en = "Check the id, or register the project for this client first"


class RegistrationUnknown(Missing):
    """No such practitioner registration."""

    rule = "PLC-006"
    zh = "没有执业登记 {id}"
    en = "There is no practitioner registration {id}"


class EmployeeUnknown(Missing):
    """No such employee."""

    rule = "PLC-006"
    zh = "没有员工 {id}"
    en = "There is no employee {id}"


class UserUnknown(Missing):
    """No such user."""

    rule = "PLC-006"
    zh = "没有用户 {id}"
    en = "There is no user {id}"
    todo_zh = "请核对用户编号"
    todo_en = "Check the user's id"


class Clients(Copy[ClientCopy]):
    """Clients, found only in the caller's branches."""

    collection = "copy_clients"
    model = ClientCopy
    missing = ClientUnknown


class Notices(Copy[NoticeCopy]):
    """Client notices."""

    collection = "copy_notices"
    model = NoticeCopy
    missing = NoticeUnknown


class Mandates(Copy[MandateCopy]):
    """Mandates."""

    collection = "copy_mandates"
    model = MandateCopy
    missing = MandateUnknown


class Projects(Copy[ProjectCopy]):
    """Project registrations, found only in the caller's branches."""

    collection = "copy_projects"
    model = ProjectCopy
    missing = ProjectUnknown


class Registrations(Copy[RegistrationCopy]):
    """Practitioner registrations."""

    collection = "copy_registrations"
    model = RegistrationCopy
    missing = RegistrationUnknown


class Employees(Copy[EmployeeCopy]):
    """Employees."""

    collection = "copy_employees"
    model = EmployeeCopy
    missing = EmployeeUnknown


class Users(Copy[UserCopy]):
    """Users; everybody may be named in any branch."""

    collection = "copy_users"
    model = UserCopy
    missing = UserUnknown
    company_wide = True


INDEXES = {
    "copy_clients": [IndexModel([("merged_into", 1)], name="merged", sparse=True)],
    "copy_notices": [IndexModel([("client_id", 1)], name="client")],
    "copy_mandates": [IndexModel([("client_id", 1)], name="client")],
    "copy_registrations": [
        IndexModel([("user_id", 1)], name="user"),
        IndexModel([("employee_id", 1)], name="employee"),
    ],
    "copy_employees": [IndexModel([("user_id", 1)], name="user")],
}
