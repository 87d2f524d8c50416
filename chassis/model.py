"""Values and aggregates: frozen, compared by content, changed only by making another."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value. Unknown fields are refused; defaults are checked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def but(self, **changes: Any) -> Self:
        """The same value with these fields changed, checked again."""
        return self.model_validate({**{name: getattr(self, name) for name in type(self).model_fields}, **changes})

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """The value from a document; fields that only newer code knows are passed over, at any depth."""
        return cls.model_validate(document, extra="ignore")


class Aggregate(Value):
    """A thing with an identity, kept as one document: id, owning branch, version (set by the store; 0 before it is
    kept)."""

    id: str
    branch: str
    version: int = 0

    def kept_as(self, version: int) -> Self:
        """The same thing in the version in which it was kept."""
        return self.model_copy(update={"version": version})
