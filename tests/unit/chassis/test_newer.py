"""Older code changes what newer code wrote, and loses nothing of it."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from chassis.database import Database
from chassis.model import Aggregate, Value
from chassis.newer import carried
from chassis.refusals import Missing
from chassis.relay import envelope
from chassis.settings import Settings
from chassis.store import Store
from chassis.work import Actor, Work
from contracts.facts import Fact
from contracts.wire import headers_of
from tests.support.service import KEYRING


class Item(Value):
    id: str
    grams: int


class Box(Value):
    items: list[Item] = []
    size: int = 1


NEWER = {"items": [{"id": "a", "grams": 1, "fragile": True}, {"id": "b", "grams": 2}], "size": 1, "colour": "red"}
KNOWN = {"items": [{"id": "a", "grams": 1}, {"id": "b", "grams": 2}], "size": 1}


def test_fields_that_only_newer_code_knows_are_passed_over_when_read_and_refused_when_made():
    assert Box.read(NEWER).model_dump() == KNOWN
    with pytest.raises(ValidationError):
        Box.model_validate(NEWER)


def test_what_older_code_leaves_alone_stays_as_it_stands():
    assert carried(NEWER, KNOWN, KNOWN) is NEWER
    assert carried(NEWER, KNOWN, KNOWN | {"size": 2}) == NEWER | {"size": 2}


def test_an_item_that_older_code_changes_keeps_what_newer_code_knows_of_it():
    changed = {"items": [{"id": "b", "grams": 2}, {"id": "a", "grams": 9}, {"id": "c", "grams": 3}], "size": 1}
    assert carried(NEWER, KNOWN, changed)["items"] == [
        {"id": "b", "grams": 2},
        {"id": "a", "grams": 9, "fragile": True},
        {"id": "c", "grams": 3},
    ]


def test_an_item_that_older_code_takes_out_is_gone():
    assert carried(NEWER, KNOWN, {"items": [], "size": 1}) == {"items": [], "size": 1, "colour": "red"}


class LetterSent(Fact, topic="sample.letters"):
    letter_id: str


class LetterSentV2(Fact, topic="sample.letters", revision=2):
    letter_id: str
    pages: int


class Letter(Aggregate):
    pass


class Letters(Store[Letter]):
    collection = "letters"
    model = Letter
    missing = Missing


async def test_a_fact_told_in_two_versions_of_its_contract_says_so_in_both():
    work = Work("sample", Database("sample", Settings(), KEYRING), datetime.now(UTC), Actor("u", "u"))
    told = Letters(work)._outbox(0, "hq", (LetterSent(letter_id="l"), LetterSentV2(letter_id="l", pages=2)))
    assert [(event["type"].rpartition(".")[2], event["alsoas"].rpartition(".")[2]) for event in told] == [
        ("v1", "v2"),
        ("v2", "v1"),
    ]
    assert "alsoas" not in Letters(work)._outbox(0, "hq", (LetterSent(letter_id="l"),))[0]
    assert ("ce_alsoas", LetterSentV2.type.encode()) in headers_of(envelope("sample", "l", told[0]))
