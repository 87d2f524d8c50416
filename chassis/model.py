"""Values and aggregates: frozen, compared by content, changed only by making another."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value. Unknown fields are refused; defaults are checked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def but(self, **changes: Any) -> Self:
        """The same value with these fields changed, checked again."""
        return self.model_validate({**{name: getattr(self, name) for name in type(self).model_fields}, **changes})


class Aggregate(Value):
    """A thing with an identity, kept as one document: id, owning branch, version (set by the store; 0 before it is
    kept)."""

    id: str
    branch: str
    version: int = 0
