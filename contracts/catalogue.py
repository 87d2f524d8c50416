"""All facts by name; what other subscribers and the compatibility check start from."""

from . import clients, finance, hr, identity, notifications, placement, webhooks
from .facts import FACTS, Fact

MODULES = (clients, finance, hr, identity, notifications, placement, webhooks)


def facts() -> dict[str, type[Fact]]:
    """Every fact of the product, by type (`baoqiao.<service>.<aggregate>.<fact>.v<n>`)."""
    own = {name.__name__ for name in MODULES}
    return {
        name: fact
        for name, fact in sorted(FACTS.items())
        if any(fact.__module__ == m or fact.__module__.startswith(f"{m}.") for m in own)
    }
