"""Where events may be sent, and how long they are tried."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from services.webhooks.model import Delivery, DeliveryStatus
from services.webhooks.rules import NotParked, TargetRefused, again, allowed, host_of, tried

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.mark.rule("WHK-002")
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00:ec2::254", "::ffff:10.0.0.1", "64:ff9b::a00:1",
        "2002:a00:1::1", "ff02::1", "fec0::1", "::10.0.0.1",
    ],
)  # fmt: skip
def test_inner_addresses_are_refused(address: str):
    with pytest.raises(TargetRefused):
        allowed([address], [])


@pytest.mark.rule("WHK-002")
def test_one_inner_address_among_public_ones_is_enough_to_refuse():
    assert allowed(["2606:4700::1111", "8.8.8.8"], []) == "8.8.8.8"
    with pytest.raises(TargetRefused):
        allowed(["8.8.8.8", "10.0.0.1"], [])


@pytest.mark.rule("WHK-002")
def test_the_operator_may_allow_a_network():
    assert allowed(["10.0.0.1"], [ip_network("10.0.0.0/24")]) == "10.0.0.1"
    with pytest.raises(TargetRefused):
        allowed(["10.0.1.1"], [ip_network("10.0.0.0/24")])


@pytest.mark.rule("WHK-002")
@pytest.mark.parametrize(
    "url", ["http://example.com/", "https:///x", "https://u:p@example.com/", "https://a/#b", "https://a:99999/"]
)
def test_only_plain_https_urls_are_taken(url: str):
    with pytest.raises(TargetRefused):
        host_of(url)


def a_delivery() -> Delivery:
    return Delivery(
        id="d", branch="hq", webhook_id="w", event_id="e", fact="f", subject="s", sequence=1,
        made_at=NOW, next_at=NOW,
    )  # fmt: skip


@pytest.mark.rule("WHK-004")
def test_what_is_not_taken_is_tried_with_growing_pauses_for_three_days_then_parked():
    delivery, at, pauses = a_delivery(), NOW, list[timedelta]()
    while delivery.status is DeliveryStatus.WAITING:
        delivery = tried(delivery, at, "HTTP 500", taken=False)
        pauses.append(delivery.next_at - at)
        at = delivery.next_at
    assert delivery.status is DeliveryStatus.PARKED
    assert pauses[:-1] == sorted(pauses[:-1]) and pauses[0] == timedelta(seconds=10)
    assert timedelta(days=2, hours=20) < at - NOW <= timedelta(days=3)


@pytest.mark.rule("WHK-004")
def test_only_what_is_parked_is_sent_again_by_hand():
    with pytest.raises(NotParked):
        again(a_delivery(), "mark", NOW)
