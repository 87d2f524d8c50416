"""Decisions on webhooks: targets, signatures, when to try again, when to give up."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from chassis.moves import move
from chassis.refusals import Conflict, Fault, Invalid, Missing, TryLater
from contracts.webhooks import WebhookChanged, WebhookKeyRotated, WebhookRegistered
from services.webhooks.model import (
    GIVEN_UP_AFTER,
    KEY_OVERLAP,
    MOST_KEYS,
    MOVES,
    Delivery,
    DeliveryStatus,
    Key,
    Status,
    Webhook,
    pause,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
PUBLIC_IPV6 = IPv6Network("2000::/3")
"""All that was given out; beyond it lie translated IPv4 addresses (RFC 6052), site-local ones and others."""


class WebhookMissing(Missing):
    """No such webhook."""

    rule = "WHK-001"
    zh = "没有 webhook {id}"
    en = "There is no webhook {id}"


class DeliveryMissing(Missing):
    """No such delivery."""

    rule = "WHK-004"
    zh = "没有投递 {id}"
    en = "There is no delivery {id}"


class TargetRefused(Invalid):
    """The URL is not one that events may be sent to."""

    rule = "WHK-002"
    zh = "不能向该地址投递:{why}"
    en = "Events may not be sent there: {why}"
    todo_zh = "请使用公网 https 地址;内网地址须由运维在 BAOQIAO_WEBHOOK_NETWORKS 中允许"
    todo_en = (
        "Use an https address that the internet can resolve; inner networks are allowed in BAOQIAO_WEBHOOK_NETWORKS"
    )


class FactUnknown(Invalid):
    """A type that nobody tells."""

    rule = "WHK-001"
    zh = "不存在的事件类型"
    en = "No fact has this type"


class BranchUnknown(TryLater):
    """The branch of an event has not been heard of yet, so that it is not known who is to hear of the event."""

    rule = "WHK-001"
    zh = "尚未收到机构 {id} 的资料"
    en = "Branch {id} has not been heard of yet"


class NotParked(Conflict):
    """Only what is parked is sent again by hand."""

    rule = "WHK-004"
    zh = "该投递未被搁置"
    en = "The delivery is not parked"


class TooManyKeys(Conflict):
    """It was rotated so often within a day that too many keys sign."""

    rule = "WHK-003"
    zh = "已有 {count} 个密钥在签名"
    en = "{count} keys sign already"
    todo_zh = "请等待旧密钥到期(最多 24 小时)"
    todo_en = "Wait until the oldest has run out, 24 hours at most"


def host_of(url: str) -> tuple[str, int]:
    """Host and port of an https URL. Raises TargetRefused for another scheme, credentials or a fragment."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError as error:
        raise TargetRefused(why=str(error)) from error
    if parts.scheme != "https" or not parts.hostname:
        raise TargetRefused(why="not an https URL")
    if parts.username or parts.password or parts.fragment:
        raise TargetRefused(why="credentials or a fragment in the URL")
    return parts.hostname, port


def allowed(addresses: Sequence[str], networks: Sequence[Network]) -> str:
    """The address to connect to, IPv4 before IPv6, when all of a host's addresses may be connected to.

    Refused are private, loopback, link-local (so also clouds' metadata), multicast and reserved addresses, and those
    that hide such a one, unless a network of the operator's holds them. Raises TargetRefused. Rule: WHK-002.
    """
    if not addresses:
        raise TargetRefused(why="the name has no address")
    for text in addresses:
        address = _plain(ip_address(text.partition("%")[0]))
        if not _public(address) and not any(address in network for network in networks):
            raise TargetRefused(why=f"{address} is not a public address")
    return min(addresses, key=lambda text: ":" in text)


def _plain(address: Address) -> Address:
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and (address not in PUBLIC_IPV6 or address.sixtofour or address.teredo):
        return False
    return address.is_global and not address.is_multicast


def check_facts(facts: Sequence[str], known: Sequence[str]) -> None:
    """Raises FactUnknown, with the place of each type that nobody tells."""
    wrong = [
        Fault(f"/facts/{n}", f"没有 {fact}", f"there is no {fact}")
        for n, fact in enumerate(facts)
        if fact != "*" and fact not in known
    ]
    if wrong:
        raise FactUnknown(wrong)


def register(webhook: Webhook) -> tuple[Webhook, WebhookRegistered]:
    """Tell an endpoint from now on. Rule: WHK-001."""
    return webhook, WebhookRegistered(webhook_id=webhook.id, facts=list(webhook.facts))


def change(webhook: Webhook, facts: tuple[str, ...], note: str, status: Status) -> tuple[Webhook, WebhookChanged]:
    """Choose other facts, another note, switch it off or on. Rule: WHK-001."""
    changed = move(webhook, MOVES, status, facts=facts, note=note)
    return changed, WebhookChanged(webhook_id=webhook.id, status=status, facts=list(facts))


def rotate(webhook: Webhook, key: Key, now: datetime) -> tuple[Webhook, WebhookKeyRotated]:
    """Sign with a new key; the newest before it signs for another day. Raises TooManyKeys. Rule: WHK-003."""
    until = now + KEY_OVERLAP
    kept = [old if old.until_at else old.but(until_at=until) for old in webhook.signing(now)]
    if len(kept) >= MOST_KEYS:
        raise TooManyKeys(count=len(kept))
    return webhook.but(keys=(key, *kept)), WebhookKeyRotated(webhook_id=webhook.id, key_id=key.id)


def signature(secret: str, at: int, body: bytes) -> str:
    """HMAC-SHA-256 (hex) over the time stamp (seconds), a dot and the body. Rule: WHK-003."""
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def tried(delivery: Delivery, now: datetime, answer: str, *, taken: bool) -> Delivery:
    """What a try makes of a delivery: delivered, to be tried again later, or parked after three days. Rule: WHK-004."""
    begun, tries = delivery.begun_at or now, delivery.tries + 1
    after = delivery.but(begun_at=begun, tries=tries, answer=answer)
    if taken:
        return after.but(status=DeliveryStatus.DELIVERED, delivered_at=now, told={})
    next_at = now + pause(tries)
    if next_at > begun + GIVEN_UP_AFTER:
        return after.but(status=DeliveryStatus.PARKED)
    return after.but(next_at=next_at)


def again(delivery: Delivery, mark: str | None, now: datetime) -> Delivery:
    """Send what is parked once more, for another three days; once for a command's `mark`. Raises NotParked.

    Rule: WHK-004.
    """
    if mark is not None and delivery.put_back_by == mark:
        return delivery
    if delivery.status is not DeliveryStatus.PARKED:
        raise NotParked
    return delivery.but(status=DeliveryStatus.WAITING, begun_at=None, tries=0, next_at=now, put_back_by=mark)
