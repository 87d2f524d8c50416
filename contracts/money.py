"""Money as integer minor units with its ISO 4217 code."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    SerializationInfo,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

MINOR_DIGITS = {"CNY": 2, "USD": 2, "EUR": 2, "GBP": 2, "HKD": 2, "JPY": 0}
_AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,2})?", re.ASCII)


class Money(BaseModel):
    """An amount in integer minor units (fen for CNY). JSON carries it as `{"amount": "1234.50", "currency": "CNY"}`.

    Refuses floats, unknown currencies and more decimals than the currency has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount_minor: Annotated[int, Field(strict=True, ge=-(10**17), le=10**17)]
    currency: Annotated[str, Field(pattern=f"^({'|'.join(MINOR_DIGITS)})$")] = "CNY"

    @model_validator(mode="before")
    @classmethod
    def _from_json(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "amount" not in value:
            return value  # pyright: ignore[reportUnknownVariableType]
        given: dict[str, Any] = dict(value)  # pyright: ignore[reportUnknownArgumentType]
        currency = given.get("currency", "CNY")
        if not isinstance(currency, str) or currency not in MINOR_DIGITS:
            raise ValueError(f"currency must be one of {', '.join(MINOR_DIGITS)}")
        given["amount_minor"] = minor_units(given.pop("amount"), currency)
        return given

    @model_serializer(mode="plain")
    def _out(self, info: SerializationInfo) -> dict[str, Any]:
        if info.mode == "json":
            return {"amount": self.amount, "currency": self.currency}
        return {"amount_minor": self.amount_minor, "currency": self.currency}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "object",
            "title": "Money",
            "description": "A decimal amount as text, never a float, with its ISO 4217 code.",
            "properties": {
                "amount": {"type": "string", "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,2})?$", "examples": ["1234.50"]},
                "currency": {"type": "string", "enum": list(MINOR_DIGITS), "default": "CNY"},
            },
            "required": ["amount"],
            "additionalProperties": False,
        }

    @property
    def amount(self) -> str:
        """The decimal text, with exactly the currency's digits: "1234.50"."""
        digits = MINOR_DIGITS[self.currency]
        sign, minor = ("-" if self.amount_minor < 0 else ""), abs(self.amount_minor)
        if digits == 0:
            return f"{sign}{minor}"
        return f"{sign}{minor // 10**digits}.{minor % 10**digits:0{digits}d}"

    def __add__(self, other: Self) -> Self:
        """The sum; refuses two currencies."""
        return self.model_copy(update={"amount_minor": self.amount_minor + self._same(other)})

    def __sub__(self, other: Self) -> Self:
        """The difference; refuses two currencies."""
        return self.model_copy(update={"amount_minor": self.amount_minor - self._same(other)})

    def __lt__(self, other: Self) -> bool:
        return self.amount_minor < self._same(other)

    def __le__(self, other: Self) -> bool:
        return self.amount_minor <= self._same(other)

    def _same(self, other: Self) -> int:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be mixed")
        return other.amount_minor

    def split(self, weights: Sequence[int]) -> list[Self]:
        """Parts in proportion to `weights` that add up to the whole, by largest remainder in stable order.

        100.00 over three equal weights gives 33.34, 33.33, 33.33. Refuses weights that are negative or all zero.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must be non-negative and not all zero")
        sign = -1 if self.amount_minor < 0 else 1
        floors = [divmod(abs(self.amount_minor) * weight, total) for weight in weights]
        left = abs(self.amount_minor) - sum(floor for floor, _ in floors)
        order = sorted(range(len(weights)), key=lambda i: -floors[i][1])
        extra = set(order[:left])
        return [
            self.model_copy(update={"amount_minor": sign * (floor + (i in extra))})
            for i, (floor, _) in enumerate(floors)
        ]


def minor_units(amount: object, currency: str) -> int:
    """The integer minor units of a decimal text; refuses anything that is not such a text."""
    if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount):
        raise ValueError('amount must be a decimal text such as "1234.50"')
    whole, _, decimals = amount.partition(".")
    digits = MINOR_DIGITS[currency]
    if len(decimals) > digits:
        raise ValueError(f"{currency} has {digits} decimals")
    sign = -1 if whole.startswith("-") else 1
    return sign * (abs(int(whole)) * 10**digits + int(decimals.ljust(digits, "0") or "0"))


def yuan(amount: str) -> Money:
    """CNY from a decimal text: `yuan("1234.50")`."""
    return Money(amount_minor=minor_units(amount, "CNY"))
