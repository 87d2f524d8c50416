"""The gateway: the packaged Envoy with the configuration of deploy/envoy."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from deploy.envoy.render import GatewaySettings, render, render_certificate
from deploy.local.http import is_ok
from deploy.local.programs import Program

CONCURRENCY = 2


def program(folder: Path, settings: GatewaySettings, services: Mapping[str, str]) -> Program:
    """Return Envoy before services given as name → `host:port` of the api, or several with commas between; its
    configuration is laid into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "envoy.yaml"
    certificate = folder.resolve() / "certificate.json" if settings.certificate_file else None
    if certificate:
        certificate.write_text(render_certificate(settings))
    configuration.write_text(render(settings, services, certificate))
    command = (
        *(_binary(), "--config-path", str(configuration.resolve()), "--concurrency", str(CONCURRENCY)),
        *("--disable-hot-restart", "--log-level", "warning", "--log-format", "%Y-%m-%dT%T.%e %l %n %v"),
        *("--drain-time-s", "1", "--drain-strategy", "immediate"),
    )
    return Program("envoy", command, lambda: is_ok(settings.admin_port, "/ready"))


def _binary() -> str:
    spec = find_spec("envoy")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "_bin" / "envoy")
