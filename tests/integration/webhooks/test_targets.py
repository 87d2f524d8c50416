"""Nothing is sent where it must not, whatever the name, the certificate or the answer says."""

import socket
from typing import Any

import pytest

from contracts.placement import PolicyExpired
from tests.support.https import Endpoint
from tests.support.service import HQ, RunningService
from tests.support.webhooks import EXPIRED, deliveries, registered, sent


@pytest.mark.rule("WHK-002")
async def test_an_inner_address_is_refused_at_registration_and_at_each_try(
    webhooks: RunningService, outside: Endpoint, monkeypatch: pytest.MonkeyPatch
):
    admin = webhooks.user("admin")
    hook = await registered(admin, outside, "*")
    monkeypatch.setenv("BAOQIAO_WEBHOOK_NETWORKS", "")
    body = {"branch": HQ, "url": outside.url, "facts": ["*"]}
    refused = await admin.request("POST", "/webhooks", json=body)
    assert (refused.status_code, refused.json()["rule"]["id"]) == (422, "WHK-002")
    await webhooks.receives(EXPIRED, "p1")
    await sent(webhooks)
    [delivery] = await deliveries(admin, hook)
    assert "not a public address" in delivery["answer"]
    assert not outside.got


@pytest.mark.rule("WHK-002")
async def test_a_name_that_changes_its_address_after_the_check_gains_nothing(
    webhooks: RunningService, outside: Endpoint, monkeypatch: pytest.MonkeyPatch
):
    await registered(webhooks.user("admin"), outside, "*")
    addresses = iter(["127.0.0.1"])
    real = socket.getaddrinfo

    def rebinding(host: Any, *more: Any, **named: Any) -> Any:
        return real(next(addresses, "127.0.0.9") if host == "localhost" else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    await webhooks.receives(EXPIRED, "p1")
    await sent(webhooks)
    assert len(outside.got) == 1
    assert next(addresses, None) is None


@pytest.mark.rule("WHK-002")
async def test_a_certificate_of_another_name_is_not_believed(webhooks: RunningService, outside: Endpoint):
    admin = webhooks.user("admin")
    await registered(admin, outside, PolicyExpired.type)
    outside.url = outside.url.replace("localhost", "127.0.0.1")
    other = await registered(admin, outside, PolicyExpired.type)
    await webhooks.receives(EXPIRED, "p1")
    await sent(webhooks)
    assert len(outside.got) == 1
    [delivery] = await deliveries(admin, other)
    assert "certificate verify failed" in delivery["answer"]


@pytest.mark.rule("WHK-002")
async def test_a_redirect_is_not_followed(webhooks: RunningService, outside: Endpoint):
    admin = webhooks.user("admin")
    hook = await registered(admin, outside, PolicyExpired.type)
    outside.answers = 307
    pinged = await admin.request("POST", f"/webhooks/{hook['id']}/pings")
    assert pinged.status_code == 201
    await sent(webhooks)
    assert len(outside.got) == 1
    [delivery] = await deliveries(admin, hook)
    assert (delivery["status"], delivery["answer"]) == ("waiting", "HTTP 307")
