"""Editions of the client notice, and notices.

An edition of the template: draft → published; a published one never changes, a newer one takes its place.
A notice:                   draft → issued → acknowledged → superseded (or issued → superseded, when a newer one is
issued first).
"""

from datetime import date, datetime
from enum import StrEnum

from chassis.model import Aggregate, Value
from services.clients.trail import Step


class Item(StrEnum):
    """What a client notice can tell. The insurers that an agent represents (代理的保险公司) are not among it: X-03."""

    COMPANY_NAME = "company_name"
    PLACE = "place"
    BUSINESS_SCOPE = "business_scope"
    CONTACT = "contact"
    REMUNERATION = "remuneration"
    RELATED_PARTIES = "related_parties"
    COMPLAINTS = "complaints"
    DISPUTES = "disputes"
    WORKFLOW = "workflow"
    SERVICES = "services"
    QUALIFICATION = "qualification"


NAMES = {
    Item.COMPANY_NAME: ("公司名称", "name of the broker"),
    Item.PLACE: ("营业场所", "place of business"),
    Item.BUSINESS_SCOPE: ("业务范围", "scope of business"),
    Item.CONTACT: ("联系方式", "how to reach the broker"),
    Item.REMUNERATION: (
        "报酬及收取方式(含向保险公司收取的佣金)",
        "how the broker is paid, commission from insurers included",
    ),
    Item.RELATED_PARTIES: ("经纪人及高管与保险公司的关联关系", "links of the broker and its executives with insurers"),
    Item.COMPLAINTS: ("投诉渠道", "where to complain"),
    Item.DISPUTES: ("纠纷解决方式", "how disputes are settled"),
    Item.WORKFLOW: ("工作流程", "workflow"),
    Item.SERVICES: ("服务内容", "services"),
    Item.QUALIFICATION: ("自身资质", "qualification"),
}
ARTICLE_50 = (
    Item.COMPANY_NAME,
    Item.PLACE,
    Item.BUSINESS_SCOPE,
    Item.CONTACT,
    Item.REMUNERATION,
    Item.RELATED_PARTIES,
    Item.COMPLAINTS,
    Item.DISPUTES,
)
HOUSE = (Item.WORKFLOW, Item.SERVICES, Item.QUALIFICATION)


class Text(Value):
    """What the notice says about an item; English may be left out."""

    zh: str
    en: str = ""


Texts = dict[Item, Text]


class EditionStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


EDITION_MOVES = {
    EditionStatus.DRAFT: frozenset({EditionStatus.PUBLISHED}),
    EditionStatus.PUBLISHED: frozenset[EditionStatus](),
}


class Edition(Aggregate):
    """An edition of the template. The one published last is the current one."""

    name: str
    """e.g. "2026-1"; unique in the company."""
    texts: Texts
    status: EditionStatus = EditionStatus.DRAFT
    published_at: datetime | None = None
    published_by: str = ""


class Status(StrEnum):
    DRAFT = "draft"
    ISSUED = "issued"
    ACKNOWLEDGED = "acknowledged"
    SUPERSEDED = "superseded"


MOVES = {
    Status.DRAFT: frozenset({Status.ISSUED}),
    Status.ISSUED: frozenset({Status.ACKNOWLEDGED, Status.SUPERSEDED}),
    Status.ACKNOWLEDGED: frozenset({Status.SUPERSEDED}),
    Status.SUPERSEDED: frozenset[Status](),
}


class Notice(Aggregate):
    """A notice for one client; its texts are the edition's, with what is special for this client, and frozen at
    issue.
    """

    client_id: str
    edition_id: str
    edition: str
    texts: Texts
    status: Status = Status.DRAFT
    issued_on: date | None = None
    issued_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    """The contact who signed; null for an individual client who signed himself."""
    evidence_id: str | None = None
    steps: tuple[Step, ...] = ()
