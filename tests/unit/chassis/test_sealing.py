"""Sealed values open only with their key, and show only their mask."""

import secrets
from datetime import date
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from pydantic import BaseModel

from chassis.logs import masked
from chassis.sealing import Keyring, UnknownKey, may_hold_personal
from contracts.personal import EmailAddress, IdentityNumber, PersonName, PhoneNumber

OLD, NEW, HASH = (secrets.token_bytes(32) for _ in range(3))


def test_a_value_sealed_with_an_old_key_still_opens_after_rotation():
    sealed = Keyring("k1", {"k1": OLD}, HASH).seal("440301199001011234")
    rotated = Keyring("k2", {"k1": OLD, "k2": NEW}, HASH)
    assert rotated.open(sealed) == "440301199001011234"
    assert rotated.seal("x").startswith("k2.")


def test_what_an_old_key_sealed_is_handed_on_under_the_current_one():
    value = PhoneNumber(None, Keyring("k1", {"k1": OLD}, HASH).seal("13800001234"))
    rotated = Keyring("k2", {"k1": OLD, "k2": NEW}, HASH)
    sealed = rotated.sealed(value)
    assert (sealed[:3], rotated.open(sealed)) == ("k2.", "13800001234")
    assert rotated.sealed(value) == sealed, "a document and its event carry the same"


def test_a_changed_byte_is_refused():
    ring = Keyring("k1", {"k1": OLD}, HASH)
    sealed = ring.seal("secret")
    with pytest.raises(InvalidTag):
        ring.open(sealed[:-6] + ("AAAA" if sealed[-6:-2] != "AAAA" else "BBBB") + sealed[-2:])


def test_an_unknown_key_is_named():
    with pytest.raises(UnknownKey, match="k1"):
        Keyring("k2", {"k2": NEW}, HASH).open(Keyring("k1", {"k1": OLD}, HASH).seal("x"))


def test_equal_values_have_one_fingerprint_and_different_ciphertexts():
    ring = Keyring("k1", {"k1": OLD}, HASH)
    assert ring.fingerprint("a") == ring.fingerprint("a") != ring.fingerprint("b")
    assert ring.seal("a") != ring.seal("a")


@pytest.mark.rule("SYS-012")
@pytest.mark.parametrize(
    ("value", "mask"),
    [
        (PersonName("张三丰"), "张**"),
        (PhoneNumber("13800001234"), "138****1234"),
        (IdentityNumber("440301199001011234"), "440***********1234"),
        (EmailAddress("zhang@example.com"), "z***@example.com"),
    ],
)
def test_personal_data_shows_its_mask_wherever_it_is_printed(value: PersonName, mask: str):
    assert (str(value), f"{value}") == (mask, mask)
    assert value.reveal() not in repr(value)


def test_logs_mask_personal_values_and_long_numbers_in_text():
    told = masked(
        None, "info", {"who": PhoneNumber("13800001234"), "event": "no client 440301199001011234 here", "n": 5}
    )
    assert told["who"] == "138****1234"
    assert "199001" not in told["event"]


@pytest.mark.parametrize(
    "text", ["a@b", "@example.com", "a b@example.com", "a@b@example.com", "a@example.com\nBcc: x@y.z"]
)
def test_what_is_no_address_is_refused(text: str):
    with pytest.raises(ValueError, match="address"):
        EmailAddress.cleaned(text)


class Called(BaseModel):
    name: PersonName


class Listed(BaseModel):
    called: tuple[Called, ...] | None = None


class Free(BaseModel):
    answers: dict[str, Any]


class Plain(BaseModel):
    numbers: dict[str, tuple[int, ...]]
    on: date | None = None


def test_a_type_is_known_to_hold_personal_data_however_deep_they_lie():
    assert [may_hold_personal(kind) for kind in (Called, Listed, Free, Plain)] == [True, True, True, False]
