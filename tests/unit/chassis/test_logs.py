"""What is logged shows no personal data."""

import pytest

from chassis.logs import masked
from contracts.personal import IdentityNumber, PhoneNumber


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (PhoneNumber("13800001234"), "138****1234"),
        (IdentityNumber("11010519491231002X"), "110***********002X"),
        ("call 13800001234 now", "call 138****1234 now"),
        ("card 11010519491231002X", "card 110****002X"),
        ({"to": [PhoneNumber("13800001234")]}, {"to": ["138****1234"]}),
        ("c4822d19-503a-8e6b-a6ce-e9b0d49921bd", "c4822d19-503a-8e6b-a6ce-e9b0d49921bd"),
        (1500, 1500),
    ],
)
def test_personal_data_and_long_numbers_are_masked(value: object, shown: object):
    assert masked(None, "", {"field": value}) == {"field": shown}
