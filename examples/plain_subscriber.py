"""Follow policies from the AsyncAPI page alone: `python plain_subscriber.py <kafka> [<prefix of the topics>]`.

The channel's address is the topic, the message's name the header `ce_type`, the payload JSON. Needs aiokafka.
"""

import asyncio
import json
import sys

from aiokafka import AIOKafkaConsumer


async def follow(kafka: str, prefix: str = "") -> None:
    """Print each policy that is bound or comes into force, from the beginning, then as it happens."""
    policies = AIOKafkaConsumer(
        f"{prefix}placement.policies",
        bootstrap_servers=kafka,
        group_id=f"{prefix}example-plain-subscriber",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    async with policies:
        async for message in policies:
            payload = json.loads(message.value)
            match dict(message.headers)["ce_type"]:
                case b"baoqiao.placement.policies.policy_bound.v1":
                    premium = payload["premium"]
                    print(payload["policy_id"], "bound for", premium["amount"], premium["currency"], flush=True)
                case b"baoqiao.placement.policies.policy_in_force.v1":
                    print(payload["policy_id"], "in force as", payload["number"], flush=True)
            await policies.commit()


if __name__ == "__main__":
    asyncio.run(follow(*sys.argv[1:]))
