"""UTC timestamps as text and as microseconds since the epoch.

The text form is ISO 8601 with microseconds and `Z`, always 27 characters, so that it sorts as the time does.
"""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def format_timestamp(microseconds: int) -> str:
    """`1_500_000` → `1970-01-01T00:00:01.500000Z`."""
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat(timespec="microseconds")[:26] + "Z"


def parse_timestamp(text: str) -> int:
    """Microseconds since the epoch of an ISO 8601 text; one without a zone is taken as UTC.

    Raises `ValueError` for what is not ISO 8601.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)
