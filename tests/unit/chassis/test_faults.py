"""What counts as MongoDB being away."""

from pymongo.errors import AutoReconnect, ConfigurationError, DuplicateKeyError, WriteConcernError

from chassis.faults import is_away


def test_a_transaction_begun_while_no_server_of_the_set_is_known_can_be_tried_again() -> None:
    assert is_away(ConfigurationError("Sessions are not supported by this MongoDB deployment"))
    assert is_away(AutoReconnect("connection closed"))


def test_a_write_that_a_primary_stepping_down_left_unconfirmed_can_be_tried_again() -> None:
    assert is_away(WriteConcernError("operation was interrupted", 11602))


def test_what_waiting_does_not_mend_is_not_being_away() -> None:
    assert not is_away(ConfigurationError("Unknown option"))
    assert not is_away(DuplicateKeyError("E11000"))
