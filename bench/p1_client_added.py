"""P1: a client put on file (token, idempotency, validation, encryption, uniqueness, event) against a bare insert."""

import json
from itertools import count
from typing import Any

from stdnum.cn import uscc

from bench.bed import HQ, Bench
from bench.load import drive, request
from bench.measure import Result, at_least, paired

CHARACTERS = "启朗沐渡花禾雾汀山海云川江河星辰松柏竹兰梅菊金木水火土石玉"
REQUESTS = {1: 200, 32: 1000}


async def run(bench: Bench) -> list[Result]:
    """At one client, and at 32 at once."""
    await bench.knows_branches("clients")
    ours, floor = await bench.service("clients"), await bench.floor("clients")
    token, numbers = bench.token(), count(1)
    made = lambda many: [_added(bench, next(numbers), token) for _ in range(many)]  # noqa: E731
    await drive(ours, made(1), 1)
    like = await bench.mongo["clients"]["clients"].find_one()
    assert like is not None
    await bench.mongo["floor"]["like"].replace_one({"_id": like["_id"]}, like, upsert=True)
    results: list[Result] = []
    for clients, requests in REQUESTS.items():

        async def per_second(port: int, clients: int = clients, requests: int = requests) -> float:
            return (await drive(port, made(requests), clients)).per_second

        results.append(
            await paired(
                "P1",
                f"POST /clients, {clients} at once",
                "requests/s",
                at_least(0.8),
                lambda: per_second(ours),
                lambda: per_second(floor),
            )
        )
    return results


def _added(bench: Bench, number: int, token: str) -> bytes:
    return request(
        "POST", "/clients", token, json.dumps(body(number)).encode(), idempotency_key=bench.key(), accept_language="zh"
    )


def body(number: int) -> dict[str, Any]:
    """A company with a number and two contacts, of a name that no other number has."""
    name, rest = "", number
    while rest:
        rest, digit = divmod(rest, len(CHARACTERS))
        name += CHARACTERS[digit]
    sixteen = f"91310000MA{number:07d}"
    return {
        "branch": HQ,
        "kind": "company",
        "name": f"上海{name.ljust(4, '一')}电子科技有限公司",
        "identity": {"kind": "uscc", "number": sixteen + uscc.calc_check_digit(sixteen)},
        "industry": "电子设备制造",
        "region": "31",
        "city": "上海",
        "address": "上海市浦东新区张江路 88 号 3 幢 501 室",
        "contacts": [
            {
                "name": "赵一",
                "title": "财务总监",
                "phone": "13800001234",
                "email": "zhao@example.com",
                "may_sign": True,
            },
            {"name": "钱二", "title": "保险专员", "phone": "13900005678", "roles": ["insurance"]},
        ],
    }
