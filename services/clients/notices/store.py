"""Editions and notices in MongoDB."""

from dataclasses import replace

from pymongo import IndexModel

from chassis.refusals import Conflict, Missing
from chassis.store import Store
from services.clients.notices.model import Edition, EditionStatus, Notice, Status

BATCH = 200
STANDING = (Status.ISSUED, Status.ACKNOWLEDGED)
"""A client has at most one notice in each of these."""


class EditionNotFound(Missing):
    """No such edition of the client notice."""

    rule = "CLI-051"
    zh = "没有告知书版本 {id}"
    en = "There is no edition {id} of the client notice"


class EditionTaken(Conflict):
    """Another edition has this name."""

    rule = "CLI-051"
    zh = "该版本号已被使用"
    en = "Another edition has this name"
    todo_zh = "请换一个版本号"
    todo_en = "Choose another name"


class NoEdition(Conflict):
    """Nothing was published yet, so there is nothing to issue."""

    rule = "CLI-051"
    zh = "尚未发布客户告知书版本"
    en = "No edition of the client notice was published yet"
    todo_zh = "请合规部先发布告知书版本"
    todo_en = "Compliance publishes an edition first"


class NoticeNotFound(Missing):
    """No such notice, or not in the caller's branches."""

    rule = "CLI-053"
    zh = "没有客户告知书 {id}"
    en = "There is no client notice {id}"


class NoticeOvertaken(Conflict):
    """Another notice of the client reached this state at the same time."""

    rule = "CLI-053"
    zh = "该客户的另一份告知书刚刚更新"
    en = "Another notice of this client was moved on at the same time"
    todo_zh = "请重新查看该客户的告知书"
    todo_en = "Look at the client's notices again"


class Editions(Store[Edition]):
    """Editions of the template; everybody in the company may read them."""

    collection = "notice_editions"
    model = Edition
    missing = EditionNotFound
    company_wide = True
    indexes = [
        IndexModel([("name", 1)], name="name", unique=True),
        IndexModel([("status", 1), ("published_at", -1)], name="current"),
    ]
    duplicates = {"name": EditionTaken}

    async def current(self) -> Edition:
        """The edition published last; raises NoEdition."""
        found = await self.first({"status": EditionStatus.PUBLISHED}, [("published_at", -1)])
        if found is None:
            raise NoEdition
        return found


class Notices(Store[Notice]):
    """Notices of the caller's branches. A client has at most one that is issued and one that is acknowledged."""

    collection = "notices"
    model = Notice
    missing = NoticeNotFound
    indexes = [
        IndexModel([("client_id", 1), ("_id", -1)], name="client"),
        *(
            IndexModel([("client_id", 1)], name=str(status), unique=True, partialFilterExpression={"status": status})
            for status in STANDING
        ),
    ]
    duplicates = {Status.ISSUED: NoticeOvertaken, Status.ACKNOWLEDGED: NoticeOvertaken}

    async def standing(self, client_id: str, status: Status) -> Notice | None:
        """The client's notice in this status, if there is one, whatever its branch: for rules, not for showing."""
        return await Notices(replace(self.work, reach=None)).first({"client_id": client_id, "status": status})
