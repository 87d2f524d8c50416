"""Follow policies with the contracts wheel: `python subscriber.py <kafka> [<prefix of the topics>]`.

Needs aiokafka and the wheel that `make wheel` builds. What it promises and what not: docs/subscribing.md.
"""

import asyncio
import sys

from aiokafka import AIOKafkaConsumer
from baoqiao_contracts import wire
from baoqiao_contracts.placement import PolicyBound, PolicyInForce


async def follow(kafka: str, prefix: str = "") -> None:
    """Print each policy that is bound or comes into force, from the beginning, then as it happens."""
    policies = AIOKafkaConsumer(
        prefix + PolicyBound.topic,
        bootstrap_servers=kafka,
        group_id=f"{prefix}example-subscriber",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    async with policies:
        async for message in policies:
            event = wire.envelope_of(message.headers)
            match wire.fact_of(event.type, message.value, opener=str):
                case PolicyBound(policy_id=policy, premium=premium):
                    print(policy, "bound for", premium.amount, premium.currency, flush=True)
                case PolicyInForce(policy_id=policy, number=number):
                    print(policy, "in force as", number, flush=True)
                case _:
                    pass
            await policies.commit()


if __name__ == "__main__":
    asyncio.run(follow(*sys.argv[1:]))
