"""Effects exist exactly once, numbers have no holes, sums add up, and what was acknowledged is in the state."""

import asyncio
import email
import email.policy
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from chassis.ids import derived_id
from contracts import wire
from contracts.facts import Fact
from contracts.finance import FinanceDocumentIssued
from contracts.placement import PlacementDocumentIssued, PolicyBound
from services.notifications.obligations import catalogue
from tests.chaos.journal import Journal, Violation
from tests.chaos.reading import Books, Document, plain

COMMANDS = "an acknowledged command is in the state"
ONCE = "an effect exists exactly once"
NUMBERS = "numbers are without holes and without doubles"
SUMS = "shares, instalments and premiums add up"
PARKED = "nothing is parked that was not poisoned"
NUMBERED = {
    "finance": ("debit_notes",),
    "placement": ("enquiries", "proposals", "placings", "confirmations"),
}
_SERIES = re.compile(r"(.+)-(\d+)")


async def check_commands(journal: Journal, books: Books) -> list[Violation]:
    """What was acknowledged is in the state, with the fields that the callers were told."""
    found = list(journal.violations)
    versions: dict[str, dict[str, int]] = {}
    for name in books.services:
        versions[name] = {
            thing["_id"]: thing["v"]
            for collection in books.stores(name)
            async for thing in books.all(name, collection, "v")
        }
    for done in journal.acknowledged:
        kept = versions[done.service].get(done.id)
        if kept is None or kept < done.version:
            seen = f"acknowledged version {done.version}, kept {kept}"
            found.append(Violation(COMMANDS, f"{done.method} {done.path} key {done.key}: {done.id}", seen))
    async for client in books.all("clients", "clients", _id={"$in": list(journal.expected)}):
        found += _compare_client(plain(client), journal.expected[client["_id"]])
    found += [one async for one in _imports(journal, books)]
    return found


def _compare_client(client: Document, expected: dict[str, Any]) -> Iterator[Violation]:
    addresses = Counter(contact["email"] for contact in client["contacts"] if contact["email"])
    for address in expected["emails"] | set(addresses):
        if addresses[address] != (1 if address in expected["emails"] else 0):
            seen = f"contact {address} is there {addresses[address]} times"
            yield Violation(COMMANDS, f"clients.clients {client['_id']}", seen)
    for name in expected.keys() - {"emails"}:
        if client[name] != expected[name]:
            seen = f"{name} is {client[name]!r}, acknowledged was {expected[name]!r}"
            yield Violation(COMMANDS, f"clients.clients {client['_id']}", seen)


async def _imports(journal: Journal, books: Books) -> AsyncIterator[Violation]:
    kept = Counter([one["code"].rpartition("-")[0] async for one in books.all("clients", "clients", "code")])
    names = {one["_id"]: one["file_name"] async for one in books.all("clients", "imports", "file_name")}
    for import_id, rows in journal.imported.items():
        serial = names.get(import_id, "").removesuffix(".csv")
        if kept[serial.upper()] != rows:
            seen = f"{rows} rows, {kept[serial.upper()]} clients of {serial}"
            yield Violation(COMMANDS, f"clients.imports {import_id}", seen)


async def check_effects(journal: Journal, books: Books, mail: Path) -> tuple[Counter[str], list[Violation]]:
    """Debit notes, obligations and mails, each once; gives how many of each, and what is wrong."""
    counts: Counter[str] = Counter()
    found: list[Violation] = []
    expected: dict[str, set[str]] = defaultdict(set)
    expected["finance.debit_notes"] |= journal.drafted
    expected["notifications.obligations"] |= journal.entered
    facts = {PolicyBound, PlacementDocumentIssued, FinanceDocumentIssued, *catalogue.started_by()}
    topics = sorted({fact.topic for fact in facts})
    for name in books.services:
        async for entry in books.all(name, "event_log", topic={"$in": topics}):
            _expect(entry, books, expected)
    kept: dict[str, set[str]] = {
        "finance.debit_notes": {one["_id"] async for one in books.all("finance", "debit_notes", "_id")},
        "notifications.obligations": {one["_id"] async for one in books.all("notifications", "obligations", "_id")},
        "document mails": {
            one["_id"] async for one in books.all("notifications", "messages", "_id", channel="email", kind="document")
        },
    }
    for what, ids in kept.items():
        counts[what] = len(ids)
        found += [Violation(ONCE, f"{what} {one}", "nothing asked for it") for one in ids - expected[what]]
        found += [Violation(ONCE, f"{what} {one}", "missing") for one in expected[what] - ids]
    found += await _live_notes(books)
    found += await _mails(books, mail, counts)
    return counts, found


def _expect(entry: Document, books: Books, expected: dict[str, set[str]]) -> None:
    envelope = wire.envelope_of([(name, text.encode()) for name, text in entry["headers"]])
    fact = wire.fact_of(envelope.type, entry["value"].encode(), books.keyring.open)
    assert fact is not None
    if isinstance(fact, PolicyBound):
        expected["finance.debit_notes"].add(derived_id(f"{envelope.id} raise_debit_note", "debit_notes"))
    if isinstance(fact, PlacementDocumentIssued | FinanceDocumentIssued):
        for to in fact.recipients:
            if to.email is not None:
                key = books.keyring.fingerprint(to.email.reveal().lower())
                mail = derived_id("document mails", fact.document_id, to.kind, to.party_id, key)
                expected["document mails"].add(mail)
    expected["notifications.obligations"] |= set(_obligations(fact, envelope.aggregateversion))


def _obligations(fact: Fact, version: int) -> Iterator[str]:
    for clock in catalogue.started_by().get(type(fact), ()):
        assert clock.trigger is not None
        about = getattr(fact, clock.trigger.about)
        if clock.trigger.each:
            occurrences = [str(number) for number, _ in enumerate(getattr(fact, clock.trigger.each), 1)]
        else:
            occurrences = [str(version) if clock.trigger.repeats else ""]
        yield from (derived_id("obligations", clock.name, about, occurrence) for occurrence in occurrences)


async def _live_notes(books: Books) -> list[Violation]:
    live = Counter([one["policy_id"] async for one in books.all("finance", "debit_notes", status={"$ne": "cancelled"})])
    bound = [one["_id"] async for one in books.all("placement", "policies", "_id", status={"$ne": "voided"})]
    return [
        Violation(ONCE, f"policy {policy}", f"{live[policy]} live debit notes") for policy in bound if live[policy] != 1
    ]


async def _mails(books: Books, folder: Path, counts: Counter[str]) -> list[Violation]:
    """Each mail that counts as handed over lies in the sink, and no other one does."""
    arrived = await asyncio.to_thread(_arrived, folder)
    sent = {one["_id"] async for one in books.all("notifications", "messages", "_id", channel="email", status="sent")}
    counts["mails in the sink"] = len(arrived)
    counts["mails sent once more after a crash"] = arrived.total() - len(arrived)
    found = [Violation(ONCE, f"mail {one}", "handed over, but not in the sink") for one in sent - set(arrived)]
    return found + [Violation(ONCE, f"mail {one}", "in the sink, but not handed over") for one in set(arrived) - sent]


def _arrived(folder: Path) -> Counter[str]:
    arrived: Counter[str] = Counter()
    for path in folder.glob("*.eml"):
        with path.open("rb") as content:
            head = email.message_from_bytes(content.read(20_000), policy=email.policy.default)
        arrived[str(head["Message-ID"]).strip("<>").partition("@")[0]] += 1
    return arrived


async def check_numbers(books: Books) -> list[Violation]:
    """Each series runs 1, 2, 3 … to the last number drawn."""
    found: list[Violation] = []
    for service, collections in NUMBERED.items():
        series: dict[str, list[int]] = defaultdict(list)
        for collection in collections:
            carried: dict[str, str] = {}
            async for thing in books.all(service, collection, "number", number={"$gt": ""}):
                carried.setdefault(thing["number"], thing["_id"])
            for number in carried:
                if (parts := _SERIES.fullmatch(number)) is not None:
                    series[parts[1]].append(int(parts[2]))
        for prefix, drawn in series.items():
            missing = set(range(1, max(drawn) + 1)) - set(drawn)
            if missing:
                found.append(Violation(NUMBERS, f"{service} {prefix}", f"{sorted(missing)[:20]} are missing"))
        last = {one["_id"]: one["last"] async for one in books.all(service, "numbers")}
        if sum(last.values()) != sum(map(len, series.values())):
            seen = f"drawn {dict(last)}, carried { ({prefix: len(drawn) for prefix, drawn in series.items()}) }"
            found.append(Violation(NUMBERS, service, seen))
    carried_by = Counter([one["number"] async for one in books.all("finance", "debit_notes", number={"$gt": ""})])
    doubles = {number: times for number, times in carried_by.items() if times > 1}
    return found + [
        Violation(NUMBERS, f"debit note {number}", f"{times} carry it") for number, times in doubles.items()
    ]


async def check_sums(books: Books) -> list[Violation]:
    """Shares are 100 %, lines are the premium, instalments are the total, and the note is what was bound."""
    found: list[Violation] = []
    covers: dict[str, int] = {}
    async for policy in books.all("placement", "policies"):
        about, cover = f"placement.policies {policy['_id']}", policy["cover"]
        covers[policy["_id"]] = _minor(cover["premium"])
        found += _compare_sums(about, cover["lines"], covers[policy["_id"]])
    async for note in books.all("finance", "debit_notes"):
        about, total = f"finance.debit_notes {note['_id']}", _minor(note["total"])
        found += _compare_sums(about, note["lines"], total)
        parts = sum(_minor(part["amount"]) for part in note["instalments"])
        if parts != total:
            found.append(Violation(SUMS, about, f"instalments {parts}, total {total} (minor units)"))
        if covers.get(note["policy_id"]) != total:
            found.append(Violation(SUMS, about, f"total {total}, premium bound {covers.get(note['policy_id'])}"))
    return found


def _compare_sums(about: str, lines: list[Document], premium: int) -> Iterator[Violation]:
    shares, premiums = sum(line["share_bp"] for line in lines), sum(_minor(line["premium"]) for line in lines)
    if shares != 10_000:
        yield Violation(SUMS, about, f"shares are {shares} basis points")
    if premiums != premium:
        yield Violation(SUMS, about, f"the lines' premiums are {premiums}, the whole is {premium} (minor units)")


def _minor(money: Document) -> int:
    return int(money["amount_minor"])


async def check_parked(journal: Journal, books: Books) -> list[Violation]:
    """What is parked was poisoned on purpose, and all of that is."""
    found: list[Violation] = []
    for name in books.services:
        async for message in books.all(name, "parked", "key", "error"):
            if name != "placement" or message["key"] not in journal.poisoned:
                found.append(Violation(PARKED, f"{name} {message['_id']} of {message['key']}", message["error"]))
    heads = {one["key"] async for one in books.all("placement", "parked", "key")}
    return found + [Violation(PARKED, f"client {one}", "poisoned, but not parked") for one in journal.poisoned - heads]
