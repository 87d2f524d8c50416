"""The clock's door: what runs by schedule, in the one worker of a service that holds the lease."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chassis.work import Work

Action = Callable[[Work], Awaitable[None]]


@dataclass(frozen=True)
class Job:
    """One scheduled action: every so many seconds, or daily at an hour of the company's zone."""

    name: str
    action: Action
    every_seconds: int | None = None
    at_hour: int | None = None


class Jobs:
    """A slice's scheduled actions. A run may be repeated or late, never skipped for good: each looks for what is
    due."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def every(self, seconds: int) -> Callable[[Action], Action]:
        """Run it about every so many seconds."""

        def keep(action: Action) -> Action:
            self.jobs.append(Job(action.__name__, action, every_seconds=seconds))
            return action

        return keep

    def daily(self, hour: int) -> Callable[[Action], Action]:
        """Run it each day at this hour (Asia/Shanghai)."""

        def keep(action: Action) -> Action:
            self.jobs.append(Job(action.__name__, action, at_hour=hour))
            return action

        return keep
