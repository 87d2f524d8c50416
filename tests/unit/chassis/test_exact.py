"""What is taken for a number, a truth value, a date or an instant, and what is not."""

from datetime import UTC, date, datetime
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from chassis.exact import Day, Flag
from chassis.http import Body
from contracts.money import Money
from tests.structure.house import routes, services


class Stay(Body):
    on: date


class Told(Body):
    count: int = 0
    open: bool = False
    name: str = ""
    on: date | None = None
    at: AwareDatetime | None = None
    paid: Money | None = None
    stays: tuple[Stay, ...] = ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": "5"},
        {"count": True},
        {"count": 5.0},
        {"open": 1},
        {"open": "yes"},
        {"name": 5},
        {"on": 0},
        {"on": "0"},
        {"on": "2026-03-02T00:00:00"},
        {"on": "2026-02-30"},
        {"at": 0},
        {"at": "1772413200"},
        {"at": "2026-03-02T09:00:00"},
        {"paid": {"amount_minor": "5", "currency": "CNY"}},
        {"stays": [{"on": "2026-03-02"}, {"on": 86400}]},
    ],
)
def test_a_body_refuses_what_could_be_taken_for_it(wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        Told.model_validate(wrong)


def test_a_body_takes_what_json_writes():
    stays = [{"on": "2026-03-02"}]
    told = Told.model_validate({"count": 5, "open": True, "at": "2026-03-02T09:00:00+08:00", "stays": stays})
    assert told.at == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert told.stays == (Stay(on=date(2026, 3, 2)),)


@pytest.mark.parametrize(("kind", "wrong"), [(Day, "0"), (Day, "20260302"), (Flag, "1"), (Flag, "on"), (Flag, 1)])
def test_so_does_a_query(kind: Any, wrong: Any):
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(wrong)


def test_a_query_takes_a_day_and_true_and_false():
    assert TypeAdapter(Day).validate_python("2026-03-02") == date(2026, 3, 2)
    assert [TypeAdapter(Flag).validate_python(told) for told in ("true", "false")] == [True, False]


def test_every_query_and_form_of_every_service_is_of_these_kinds():
    seen = 0
    for service in services():
        for route in routes(service):
            for name, hint in get_type_hints(route.endpoint, include_extras=True).items():
                if name != "return" and {date, datetime, bool} & parts(hint):
                    seen += 1
                    assert not takes(hint, "0"), f"{route.path} {name}"
                    assert not takes(hint, "t"), f"{route.path} {name}"
    assert seen >= 10


def parts(hint: Any) -> set[Any]:
    return {hint}.union(*(parts(inner) for inner in get_args(hint) if not isinstance(inner, list)))


def takes(hint: Any, told: str) -> bool:
    try:
        TypeAdapter(hint).validate_python(told)
    except ValidationError:
        return False
    return True
