"""Copies of users and employees."""

from pymongo import IndexModel

from chassis.copies import Copy
from chassis.refusals import TryLater
from services.notifications.people.model import Employee, User

INDEXES = {
    "copy_users": [IndexModel([("assignments.roles", 1), ("_id", 1)], name="roles")],
    "copy_employees": [IndexModel([("user_id", 1)], name="user_id")],
}


class UserUnknown(TryLater):
    """The user has not reached this service yet."""

    rule = "NTF-024"
    zh = "尚未收到用户 {id} 的资料"
    en = "User {id} has not reached this service yet"


class EmployeeUnknown(TryLater):
    """The employee has not reached this service yet."""

    rule = "NTF-024"
    zh = "尚未收到员工 {id} 的资料"
    en = "Employee {id} has not reached this service yet"


class Users(Copy[User]):
    """Copies of identity's users."""

    collection = "copy_users"
    model = User
    missing = UserUnknown
    company_wide = True


class Employees(Copy[Employee]):
    """Copies of hr's employees."""

    collection = "copy_employees"
    model = Employee
    missing = EmployeeUnknown
    company_wide = True
