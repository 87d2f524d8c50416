"""What numbers of persons look like: cleaned and checked. Pure."""

import re
import unicodedata

import phonenumbers
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from chassis.refusals import Fault
from contracts.personal import IdentityNumber, PhoneNumber

_RESIDENT = re.compile(r"\d{17}[\dX]")
_PASSPORT = re.compile(r"[A-Z]{1,2}\d{6,10}")


def plain(text: str) -> str:
    """Half-width, capitals, without spaces and hyphens."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def identity_number(told: IdentityNumber) -> tuple[IdentityNumber, list[Fault]]:
    """A resident identity number (GB 11643, with its check digit) or a passport's, and what is wrong with it."""
    text = plain(told.reveal())
    if _RESIDENT.fullmatch(text):
        if _holds(text):
            return IdentityNumber(text), []
        return told, [Fault("/identity_number", "校验码或出生日期有误", "its check digit or birth date is wrong")]
    if _PASSPORT.fullmatch(text):
        return IdentityNumber(text), []
    fault = Fault(
        "/identity_number", "须为 18 位身份证号或护照号", "must be an identity number of 18 places or a passport's"
    )
    return told, [fault]


def _holds(text: str) -> bool:
    """Not `ric.validate`: it also wants the county in use in the year of birth, which many true ones fail."""
    try:
        ric.get_birth_date(text)
    except ValidationError:
        return False
    return ric.calc_check_digit(text) == text[-1]


def phone(told: PhoneNumber | None) -> tuple[PhoneNumber | None, list[Fault]]:
    """A telephone number as it is dialled in China, and what is wrong with it."""
    if told is None:
        return None, []
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", told.reveal()), "CN")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        return told, [Fault("/phone", "不是有效的电话号码", "is not a telephone number")]
    national = f"{phonenumbers.national_significant_number(number)}" if number.country_code == 86 else ""
    return PhoneNumber(national or phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)), []
