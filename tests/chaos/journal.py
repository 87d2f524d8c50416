"""What was acknowledged to the callers, kept outside the product."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Acknowledged:
    """One command that was answered with success, and the thing and version that the answer showed."""

    service: str
    method: str
    path: str
    key: str
    id: str
    version: int


@dataclass(frozen=True, order=True)
class Violation:
    """A promise that was not kept: which, by whom, and what was seen."""

    promise: str
    about: str
    seen: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.about}: {self.seen}"


class Told(Protocol):
    """What a clerk believes of the things that it made, from the answers that it got."""

    def expected(self) -> dict[str, dict[str, Any]]: ...


@dataclass
class Journal:
    """The record of one run. `file` gets a line for each acknowledged command as soon as it is acknowledged."""

    file: Path
    acknowledged: list[Acknowledged] = field(default_factory=list[Acknowledged])
    counts: Counter[str] = field(default_factory=Counter[str])
    violations: list[Violation] = field(default_factory=list[Violation])
    """What the callers saw themselves, such as a repeat that was not recognised."""
    expected: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """Fields that must stand in the state in the end, by id of the client."""
    imported: dict[str, int] = field(default_factory=dict[str, int])
    """How many clients each import made, by its id."""
    credit_codes: set[str] = field(default_factory=set[str])
    """Those that clients were given."""
    poisoned: set[str] = field(default_factory=set[str])
    """Clients whose events placement cannot take in until the cause is mended."""
    entered: set[str] = field(default_factory=set[str])
    """Obligations that were entered by hand."""
    drafted: set[str] = field(default_factory=set[str])
    """Debit notes that were drafted by hand."""

    def keep(self, entry: Acknowledged) -> None:
        """Write down an acknowledged command."""
        self.acknowledged.append(entry)
        self.counts["commands acknowledged"] += 1
        with self.file.open("a") as lines:
            lines.write(json.dumps(asdict(entry)) + "\n")

    def complain(self, promise: str, about: str, seen: str) -> None:
        """Write down what a caller saw and should not have."""
        self.violations.append(Violation(promise, about, seen))
