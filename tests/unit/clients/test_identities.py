"""Identity numbers follow their standards, and are never guessed."""

import pytest

from services.clients.clients.identities import NotThatNumber, number_of, province_of
from services.clients.clients.model import NumberKind
from tests.support.clients import TODAY, a_resident_id, a_uscc

USCC, RESIDENT, PASSPORT = NumberKind.USCC, NumberKind.RESIDENT_ID, NumberKind.PASSPORT


@pytest.mark.rule("CLI-001")
def test_case_width_spaces_and_hyphens_are_no_faults():
    number = a_uscc()
    wide = "".join(chr(ord(char) + 0xFEE0) for char in number.lower())
    assert number_of(USCC, number[:6] + " - " + number[6:].lower(), TODAY) == number
    assert number_of(USCC, wide, TODAY) == number


@pytest.mark.rule("CLI-001")
def test_a_body_that_is_no_enterprise_has_letters_in_front():
    from stdnum.cn import uscc

    for front in ("N2", "Y1", "A1", "52"):
        body = f"{front}310000MAX000001"[:17]
        assert number_of(USCC, body + uscc.calc_check_digit(body), TODAY)


@pytest.mark.rule("CLI-001")
@pytest.mark.parametrize(
    "number",
    [
        "",
        "9131",
        a_uscc()[:-1],
        a_uscc() + "0",
        a_uscc()[:-1] + ("A" if a_uscc()[-1] != "A" else "B"),
        a_uscc().replace("0", "O", 1),
        "I" + a_uscc()[1:],
    ],
)
def test_a_uscc_that_is_not_one_is_refused(number: str):
    with pytest.raises(NotThatNumber):
        number_of(USCC, number, TODAY)


@pytest.mark.rule("CLI-002")
def test_a_resident_number_is_taken_with_its_x_in_either_case():
    ending_in_x = next(number for number in map(a_resident_id, range(100)) if number.endswith("X"))
    assert number_of(RESIDENT, ending_in_x.lower(), TODAY) == ending_in_x


@pytest.mark.rule("CLI-002")
@pytest.mark.parametrize(
    "number",
    [
        a_resident_id()[:-1],
        a_resident_id()[:-1] + ("1" if a_resident_id()[-1] != "1" else "2"),
        a_resident_id(born="19810229"),
        a_resident_id(born="20260303"),
        a_resident_id(born="18500101"),
        "99" + a_resident_id()[2:],
        "310100l98002290012",
    ],
)
def test_a_resident_number_that_is_not_one_is_refused(number: str):
    with pytest.raises(NotThatNumber):
        number_of(RESIDENT, number, TODAY)


@pytest.mark.rule("CLI-002")
def test_a_passport_has_letters_and_digits():
    assert number_of(PASSPORT, " e 0000-1714", TODAY) == "E00001714"
    for wrong in ("E1", "ABCDEFGH", "E0000171400000", "护照号"):
        with pytest.raises(NotThatNumber):
            number_of(PASSPORT, wrong, TODAY)


def test_a_province_is_read_in_its_usual_forms():
    assert province_of("云南省昆明市") == ("53", "昆明市")
    assert province_of("上海") == ("31", "")
    assert province_of("广西壮族自治区南宁市") == ("45", "南宁市")
    assert province_of("昆明") == ("", "昆明")
