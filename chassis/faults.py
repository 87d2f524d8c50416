"""What MongoDB's faults mean."""

from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    PyMongoError,
    WaitQueueTimeoutError,
    WriteConcernError,
)

DUPLICATE = 11000
"""A unique index refused it."""
NO_SESSIONS = "Sessions are not supported"
"""What the driver says of a transaction while it knows no server of the set, as if none could ever do it."""


def is_away(error: Exception) -> bool:
    """Whether the fault is that MongoDB cannot be reached, is electing, ends, or is too slow: later it may be well.

    So is a write that the majority did not confirm, because its primary stepped down meanwhile: whether it stays is not
    known until it is done again.
    """
    return isinstance(error, PyMongoError) and (
        isinstance(error, ConnectionFailure | WaitQueueTimeoutError | WriteConcernError)
        or error.timeout
        or error.has_error_label("TransientTransactionError")
        or error.has_error_label("RetryableWriteError")
        or (isinstance(error, ConfigurationError) and str(error).startswith(NO_SESSIONS))
    )
