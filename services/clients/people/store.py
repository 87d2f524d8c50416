"""The copies in MongoDB."""

from pymongo import IndexModel

from chassis.copies import Copy
from chassis.refusals import Missing
from services.clients.people.model import Delegation, Employee, User


class UserUnknown(Missing):
    """No such user, or he has not reached this service yet."""

    rule = "CLI-061"
    zh = "没有用户 {id}"
    en = "There is no user {id}"
    todo_zh = "请核对用户编号;新建用户请稍候再试"
    todo_en = "Check the user's id; a new user takes a moment to arrive"


class Users(Copy[User]):
    """Users of the whole company."""

    collection = "copy_users"
    model = User
    missing = UserUnknown
    company_wide = True


class Employees(Copy[Employee]):
    """Employees of the whole company."""

    collection = "copy_employees"
    model = Employee
    company_wide = True


class Delegations(Copy[Delegation]):
    """Authority lent for a time, in the whole company."""

    collection = "copy_delegations"
    model = Delegation
    company_wide = True

    async def lent_to(self, user_id: str) -> list[Delegation]:
        """What a user was lent, now or at another time."""
        return await self.some({"taker_id": user_id})


indexes = {
    "copy_employees": [IndexModel([("user_id", 1)], name="user")],
    "copy_delegations": [IndexModel([("taker_id", 1)], name="taker")],
}
