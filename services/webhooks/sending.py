"""A signed request to an endpoint outside.

Promises: the connection goes to an address that was checked in this very try, so that a name which changes its address
between check and connection gains nothing; the certificate is checked against the name; no redirect is followed; no
proxy of the environment is used; nothing is read of an answer but its head, and no connection is used twice, for
another webhook's host may lie at the same address.
"""

import asyncio
import json
import ssl
from datetime import datetime
from ipaddress import ip_network
from typing import Annotated

import httpx
from pydantic import AfterValidator, Field, FilePath
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.sealing import Keyring
from chassis.settings import Unit
from services.webhooks import rules
from services.webhooks.model import Delivery, Webhook

SECONDS = 10.0
SHOWN = 200
TAKEN = range(200, 300)


def _networks(text: str) -> list[rules.Network]:
    return [ip_network(network.strip()) for network in text.split(",") if network.strip()]


def _readable(text: str) -> str:
    _networks(text)
    return text


class WebhookSettings(BaseSettings):
    """Where webhooks may send."""

    model_config = SettingsConfigDict(env_prefix="BAOQIAO_", frozen=True, use_attribute_docstrings=True)

    webhook_networks: Annotated[
        str, Field(pattern=r"^[0-9a-fA-F.:/, ]*$"), AfterValidator(_readable), Unit("network/bits, …")
    ] = ""
    """Inner networks that webhooks may send to besides the public internet; empty: none."""
    webhook_ca_file: Annotated[FilePath | None, Unit("file")] = None
    """Certificates (PEM) that are trusted for endpoints beside the usual ones."""

    @property
    def networks(self) -> list[rules.Network]:
        """The inner networks that are allowed."""
        return _networks(self.webhook_networks)


async def checked_address(url: str, settings: WebhookSettings) -> str:
    """An address of the URL's host, all of them having been looked at. Raises TargetRefused. Rule: WHK-002."""
    host, port = rules.host_of(url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, proto=6)
    except (OSError, UnicodeError) as error:  # the latter for a name that no DNS server can be asked for
        raise rules.TargetRefused(why=f"{host} cannot be resolved") from error
    return rules.allowed([str(entry[4][0]) for entry in found], settings.networks)


class Sender:
    """Sends deliveries."""

    def __init__(self, settings: WebhookSettings, ring: Keyring) -> None:
        self._settings, self._ring = settings, ring
        trust = ssl.create_default_context()
        if settings.webhook_ca_file is not None:
            trust.load_verify_locations(settings.webhook_ca_file)
        self.http = httpx.AsyncClient(
            verify=trust,
            timeout=SECONDS,
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def send(self, delivery: Delivery, webhook: Webhook, now: datetime) -> tuple[bool, str]:
        """Whether the endpoint took it, and what it said. Never raises, for another endpoint's turn comes next."""
        try:
            async with asyncio.timeout(SECONDS * 2):
                return await self._send(delivery, webhook, now)
        except rules.TargetRefused as error:
            return False, error.say("en")
        except Exception as error:
            return False, f"{type(error).__name__}: {error}"[:SHOWN]

    async def _send(self, delivery: Delivery, webhook: Webhook, now: datetime) -> tuple[bool, str]:
        address = await checked_address(webhook.url, self._settings)
        url = httpx.URL(webhook.url)
        body, at = json.dumps(delivery.told, ensure_ascii=False).encode(), int(now.timestamp())
        signed = (f"{key.id}={rules.signature(self._ring.open(key.sealed), at, body)}" for key in webhook.signing(now))
        headers = {
            "Host": url.netloc.decode(),
            "Content-Type": "application/cloudevents+json",
            "Baoqiao-Event-Id": delivery.event_id,
            "Baoqiao-Timestamp": str(at),
            "Baoqiao-Signature": ", ".join(signed),
        }
        request = self.http.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers=headers,
            extensions={"sni_hostname": url.raw_host.decode()},
        )
        answer = await self.http.send(request, stream=True)
        await answer.aclose()  # what it says beyond the status is of no use to us
        return answer.status_code in TAKEN, f"HTTP {answer.status_code}"
