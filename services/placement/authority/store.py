"""Authority matrices in MongoDB."""

from datetime import date

from pymongo import IndexModel

from chassis.refusals import Conflict, Missing
from chassis.store import Store
from services.placement.authority.model import Kind, Matrix, Status


class MatrixNotFound(Missing):
    """No such matrix."""

    rule = "PLC-006"
    zh = "没有授权表 {id}"
    en = "There is no authority matrix {id}"


class MatrixDateTaken(Conflict):
    """Another matrix of this kind begins on the same day."""

    rule = "PLC-010"
    zh = "已有同类授权表自该日起生效"
    en = "Another matrix of this kind begins on that day"
    todo_zh = "请选择其他生效日期"
    todo_en = "Choose another first day"


class Matrices(Store[Matrix]):
    """The authority matrices; past and future ones stay."""

    collection = "authority_matrices"
    model = Matrix
    missing = MatrixNotFound
    company_wide = True
    indexes = [
        IndexModel(
            [("kind", 1), ("from_on", -1)],
            name="first_day",
            unique=True,
            partialFilterExpression={"status": Status.ACTIVE.value},
        )
    ]
    duplicates = {"first_day": MatrixDateTaken}

    async def in_force(self, kind: Kind, on: date) -> Matrix | None:
        """The matrix that decides on a business date, if there is one."""
        return await self.first({"kind": kind, "status": Status.ACTIVE, "from_on": {"$lte": on}}, [("from_on", -1)])
