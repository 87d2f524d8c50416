"""Metrics as Prometheus would read them."""

from prometheus_client import REGISTRY


def told(name: str, service: str = "sample", **labels: str) -> float:
    """A number of a service; 0 when it is not told yet."""
    return REGISTRY.get_sample_value(name, {"service": service, **labels}) or 0.0


class Since:
    """How much counters have grown since it was made: other tests of this process count too."""

    def __init__(self, name: str, *cases: dict[str, str], service: str = "sample") -> None:
        self._name, self._cases, self._service = name, cases, service
        self._before = self._now()

    def _now(self) -> list[float]:
        return [told(self._name, self._service, **case) for case in self._cases]

    def grown(self) -> list[float]:
        """By how much, case by case."""
        return [now - before for now, before in zip(self._now(), self._before, strict=True)]
