"""Put the gateway's configuration together: gateway.yaml with routes and cluster of each service, and the refusals."""

import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import yaml
from pydantic_settings import BaseSettings, SettingsConfigDict

HERE = Path(__file__).parent
CEL = "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"
IN_ENGLISH = {"header_filter": {"header": {"name": "accept-language", "string_match": {"prefix": "en"}}}}


class GatewaySettings(BaseSettings):
    """Where the gateway listens and what it allows; in the environment `BAOQIAO_GATEWAY_` and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix="BAOQIAO_GATEWAY_", frozen=True)

    host: str = "127.0.0.1"
    port: int = 8080
    admin_host: str = "127.0.0.1"
    admin_port: int
    issuer: str = "baoqiao"
    audience: str = "baoqiao"
    clock_skew_seconds: int = 60
    """How far the clock of who signed a token may be off."""
    trusted_proxies: int = 0
    """How many proxies stand in front whose word about the caller's address is believed."""
    answer_seconds: int = 30
    """How long a service may take to answer."""
    max_connections: int = 10_000
    max_body_bytes: int = 10 * 1024 * 1024
    caller_per_second: int = 200
    caller_burst: int = 400
    """Requests of one token's subject; the burst is what may come at once after a quiet while."""
    sign_ins_per_second: int = 10
    sign_in_burst: int = 100
    """Sign-ins and refreshes from one address."""


def render(settings: GatewaySettings, services: Mapping[str, str]) -> str:
    """Return Envoy's configuration, for services given as name → `host:port` of the api; JSON, which is also YAML.

    `identity` must be among them: its keys check the tokens.
    """
    told = settings.model_dump()
    config = _filled("gateway.yaml", told)
    [listener] = config["static_resources"]["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    [virtual_host] = manager["route_config"]["virtual_hosts"]
    *first, elsewhere = virtual_host["routes"]
    routes = [_filled("route.yaml", told | {"service": name}) for name in services]
    virtual_host["routes"] = [*first, *routes, elsewhere]
    config["static_resources"]["clusters"] = [_cluster(name, address) for name, address in services.items()]
    manager["local_reply_config"]["mappers"] = [
        mapper for refusal in yaml.safe_load((HERE / "refusals.yaml").read_text()) for mapper in _mappers(refusal)
    ]
    return json.dumps(config, ensure_ascii=False, indent=1)


def _filled(template: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return yaml.safe_load(Template((HERE / template).read_text()).substitute(values))


def _cluster(service: str, address: str) -> dict[str, Any]:
    host, _, port = address.rpartition(":")
    return _filled("cluster.yaml", {"service": service, "host": host, "port": port})


def _mappers(refusal: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the answer in English to those who ask for it, and the one in Chinese for everybody else."""
    applies = _of_status(refusal["status"])
    if because := refusal.get("because"):
        applies = {"extension_filter": {"name": "because", "typed_config": {"@type": CEL, "expression": because}}}
    return [
        _mapper({"and_filter": {"filters": [applies, IN_ENGLISH]}}, refusal, *refusal["en"]),
        _mapper(applies, refusal, *refusal["zh"]),
    ]


def _of_status(status: int) -> dict[str, Any]:
    return {
        "status_code_filter": {"comparison": {"op": "EQ", "value": {"default_value": status, "runtime_key": "none"}}}
    }


def _mapper(applies: dict[str, Any], refusal: dict[str, Any], title: str, detail: str) -> dict[str, Any]:
    problem = {
        "type": f"urn:baoqiao:problem:{refusal['slug']}",
        "title": title,
        "status": refusal["status"],
        "detail": detail,
    }
    if not refusal.get("before_request_id"):
        problem["instance"] = "urn:request:%REQ(X-REQUEST-ID)%"
    mapper: dict[str, Any] = {
        "filter": applies,
        "status_code": refusal["status"],
        "body_format_override": {"json_format": problem, "content_type": "application/problem+json"},
    }
    if seconds := refusal.get("retry_after"):
        mapper["headers_to_add"] = [{"header": {"key": "retry-after", "value": str(seconds)}}]
    return mapper
