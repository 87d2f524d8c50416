"""Put the gateway's configuration together: gateway.yaml with routes and cluster of each service, and the refusals.

`python -m deploy.envoy.render` writes those for containers, which compose and Kubernetes mount; with a file's name, one
for an operator's own overlay into that file. BAOQIAO_GATEWAY_… in its environment change what it allows.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.settings import ReadableFile, Secret, Unit, read

HERE = Path(__file__).parent
FOR_CONTAINERS = {HERE.parent / "k8s/base/gateway/envoy.yaml": 0, HERE.parent / "k8s/overlays/production/envoy.yaml": 1}
"""The files, each with the number of trusted proxies in front: in production the ingress controller."""
API_PORT = 8000
"""At which a service's api answers in its container; its name there is `<service>-api`."""
CEL = "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"
IN_ENGLISH = {"header_filter": {"header": {"name": "accept-language", "string_match": {"prefix": "en"}}}}


Count = Annotated[int, Field(ge=1)]
Port = Annotated[int, Field(ge=1, le=65535), Unit("port")]


class GatewaySettings(BaseSettings):
    """Where the gateway listens and what it allows; read when its configuration is rendered, not by Envoy itself."""

    model_config = SettingsConfigDict(env_prefix="BAOQIAO_GATEWAY_", frozen=True, use_attribute_docstrings=True)

    host: Annotated[str, Unit("address")] = "127.0.0.1"
    """Where it listens."""
    port: Port = 8080
    """Where it listens."""
    admin_host: Annotated[str, Unit("address")] = "127.0.0.1"
    """Where Envoy's own administration listens: for nobody but an operator."""
    admin_port: Port
    """Where Envoy's own administration listens; each deployment chooses it."""
    certificate_file: Annotated[ReadableFile | None, Unit("file")] = None
    """Its certificate with those between it and the CA (PEM); with it the gateway speaks HTTPS. Read anew, with the
    key, when a file is moved into its folder. Empty: HTTP, for a proxy in front that ends TLS."""
    key_file: Annotated[ReadableFile | None, Unit("file"), Secret(), Field(validate_default=True)] = None
    """The key of the certificate (PEM)."""
    issuer: Annotated[str, Unit("text")] = "baoqiao"
    """Who signs the tokens: `BAOQIAO_ISSUER` of the services."""
    audience: Annotated[str, Unit("text")] = "baoqiao"
    """Whom the tokens are for: `BAOQIAO_AUDIENCE` of the services."""
    clock_skew_seconds: Annotated[int, Field(ge=0), Unit("s")] = 60
    """How far the clock of who signed a token may be off."""
    trusted_proxies: Annotated[int, Field(ge=0), Unit("proxies")] = 0
    """How many proxies stand in front whose word about the caller's address is believed."""
    answer_seconds: Annotated[Count, Unit("s")] = 30
    """How long a service may take to answer."""
    headers_seconds: Annotated[Count, Unit("s")] = 10
    """How long a caller may take to send the head of a request."""
    request_seconds: Annotated[Count, Unit("s")] = 120
    """How long a caller may take to send a whole request."""
    idle_seconds: Annotated[Count, Unit("s")] = 45
    """How long nothing may move in a request or its answer, whichever side is slow."""
    max_connections: Annotated[Count, Unit("connections")] = 10_000
    """The most that it holds open; further ones are refused."""
    max_body_bytes: Annotated[Count, Unit("bytes")] = 10 * 1024 * 1024
    """The longest body of a request."""
    caller_per_second: Annotated[Count, Unit("requests/s")] = 200
    """Requests of one token's subject."""
    caller_burst: Annotated[Count, Unit("requests")] = 400
    """What may come of one token's subject at once after a quiet while."""
    sign_ins_per_second: Annotated[Count, Unit("requests/s")] = 10
    """Sign-ins and refreshes from one address."""
    sign_in_burst: Annotated[Count, Unit("requests")] = 100
    """Sign-ins and refreshes that may come from one address at once after a quiet while."""
    otlp_url: Annotated[str, Field(pattern=r"^(http://[^\s/:]+:\d+)?$"), Unit("URL")] = ""
    """Where a collector takes spans, by OTLP over HTTP, as `http://collector:4318`; empty: no spans."""
    traced_percent: Annotated[float, Field(ge=0, le=100), Unit("%")] = 100
    """The part of requests whose traces are recorded, here and in the services, unless the caller says it himself."""

    @field_validator("key_file")
    @classmethod
    def _there_with_a_certificate(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        if file is None and info.data.get("certificate_file"):
            raise ValueError("must be told with the certificate")
        return file


def render(settings: GatewaySettings, services: Mapping[str, str], certificate: Path | None = None) -> str:
    """Return Envoy's configuration, for services given as name → `host:port` of the api, or several with commas
    between; JSON, which is also YAML.

    `identity` must be among them: its keys check the tokens. `certificate` is where the text of render_certificate()
    lies, for HTTPS.
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
    if settings.otlp_url:
        _trace(config, manager, told)
    manager["local_reply_config"]["mappers"] = [
        mapper for refusal in yaml.safe_load((HERE / "refusals.yaml").read_text()) for mapper in _mappers(refusal)
    ]
    if certificate:
        listener["filter_chains"][0]["transport_socket"] = _filled("tls.yaml", {"certificate": certificate})
    return json.dumps(config, ensure_ascii=False, indent=1)


def render_certificate(settings: GatewaySettings) -> str:
    """Return what tells Envoy of the certificate. It reads this file, and those that it names, when they change."""
    assert settings.certificate_file is not None
    named = {"certificate_chain": settings.certificate_file, "private_key": settings.key_file}
    secret: dict[str, Any] = {name: {"filename": str(file)} for name, file in named.items()}
    secret["watched_directory"] = {"path": str(settings.certificate_file.parent)}
    kind = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"
    return json.dumps({"resources": [{"@type": kind, "name": "gateway", "tls_certificate": secret}]}, indent=1)


def for_containers(**told: int) -> str:
    """Return the configuration for the gateway in a container. Raises WrongSettings."""
    settings = read(GatewaySettings, host="0.0.0.0", port=8080, admin_port=9901, **told)
    names = sorted(file.parent.name for file in (HERE.parents[1] / "services").glob("*/service.py"))
    return render(settings, {name: f"{name}-api:{API_PORT}" for name in names}) + "\n"


def _filled(template: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return yaml.safe_load(Template((HERE / template).read_text()).substitute(values))


def _trace(config: dict[str, Any], manager: dict[str, Any], told: Mapping[str, Any]) -> None:
    """Let the gateway tell a collector of each request."""
    host, _, port = told["otlp_url"].removeprefix("http://").rpartition(":")
    added = _filled("tracing.yaml", {**told, "collector_host": host, "collector_port": port})
    manager["tracing"] = added["manager"]
    config["static_resources"]["clusters"].append(added["cluster"])


def _cluster(service: str, addresses: str) -> dict[str, Any]:
    """Return a service's cluster; where it has several apis, one that does not answer is left alone."""
    cluster = _filled("cluster.yaml", {"service": service})
    endpoints = [_endpoint(address) for address in addresses.split(",")]
    cluster["load_assignment"]["endpoints"] = [{"lb_endpoints": endpoints}]
    if len(endpoints) == 1:
        del cluster["health_checks"]
    return cluster


def _endpoint(address: str) -> dict[str, Any]:
    host, _, port = address.rpartition(":")
    return {"endpoint": {"address": {"socket_address": {"address": host, "port_value": int(port)}}}}


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


if __name__ == "__main__":
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(for_containers())
    else:
        for file, proxies in FOR_CONTAINERS.items():
            file.write_text(for_containers(trusted_proxies=proxies))
