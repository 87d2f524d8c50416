"""Waiting for a condition, never for a time."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

T = TypeVar("T")


async def eventually(look: Callable[[], Awaitable[T]], what: str = "", within: float = 30) -> T:
    """What `look` gives as soon as it is truthy (an AssertionError counts as not yet); fails with `what` after
    `within` seconds."""

    async def once() -> T:
        found = await look()
        assert found, f"not within {within} s: {what or look}"
        return found

    async for attempt in AsyncRetrying(
        stop=stop_after_delay(within),
        wait=wait_fixed(0.05),
        retry=retry_if_exception_type(AssertionError),
        reraise=True,
    ):
        with attempt:
            return await once()
    raise AssertionError("unreachable")


def until(condition: Callable[[], bool], within: float = 30) -> None:
    """Block until the condition holds; fails after `within` seconds."""
    for attempt in Retrying(
        stop=stop_after_delay(within),
        wait=wait_fixed(0.02),
        retry=retry_if_exception_type(AssertionError),
        reraise=True,
    ):
        with attempt:
            assert condition(), f"not within {within} s: {condition}"
