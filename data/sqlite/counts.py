"""The statements that keep counters equal to the rows that they count, as conversations: pure, as `batch`.

They run in the transaction that stores or deletes the rows; what counts the blocks that are gone are triggers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from data.rollups import Bucket, count_buckets, count_minutes, count_types
from data.sqlite.text import storable, to_json
from data.sqlite.transaction import Conversation, Statement
from stream.records import ExtractionEvent

SPAN_BITS = 10  # `event_spans` has a row for each block of 1024 ids
GROUP_BITS = 5  # `event_span_groups` has a row for 32 of these
RISKY = ("high", "critical")  # what `risky_events` counts

_COUNT_EVENTS = """
    UPDATE process_sessions SET total_extraction_events = total_extraction_events + ?, risky_events = risky_events + ?
    WHERE session_id = ?
"""
_ADD_TO_KIND = """
    INSERT INTO session_kinds (session_id, agent_name, event_type, pattern, risk_level, count)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET count = count + excluded.count
"""
_WIDEN_SPAN = """
    INSERT INTO event_spans (block, earliest, latest) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET earliest = MIN(earliest, excluded.earliest), latest = MAX(latest, excluded.latest)
"""
_WIDEN_GROUP = """
    INSERT INTO event_span_groups (number, earliest, latest) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET earliest = MIN(earliest, excluded.earliest), latest = MAX(latest, excluded.latest)
"""
_ADD_TO_BUCKET = """
    INSERT INTO metric_buckets (width, start, agent_name, event_type, pattern, risk_level, count)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET count = count + excluded.count
"""
_ADD_TO_TYPE = """
    INSERT INTO type_buckets (width, start, agent_name, event_type, count) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET count = count + excluded.count
"""
_COUNT_BLOCKS = """
    INSERT INTO block_counts (scope, name, blocks) VALUES ('all', '', ?)
    ON CONFLICT DO UPDATE SET blocks = blocks + excluded.blocks
"""
_COUNT_AGENT_BLOCKS = """
    INSERT INTO block_counts (scope, name, blocks)
    SELECT 'agent', ?1, COUNT(*) FROM json_each(?2) AS new CROSS JOIN code_blocks AS b ON b.digest = new.value
    WHERE NOT EXISTS (SELECT 1 FROM code_block_occurrences WHERE agent_name = ?1 AND block_id = b.id)
    ON CONFLICT DO UPDATE SET blocks = blocks + excluded.blocks
"""
_DELETE_EMPTY_BUCKET = """
    DELETE FROM metric_buckets
    WHERE width = ? AND start = ? AND agent_name = ? AND event_type = ? AND pattern = ? AND risk_level = ?
        AND count <= 0
"""
_DELETE_EMPTY_TYPE = """
    DELETE FROM type_buckets WHERE width = ? AND start = ? AND agent_name = ? AND event_type = ? AND count <= 0
"""


def count_statements(events: Sequence[ExtractionEvent], last_id: int) -> Conversation[None]:
    """Counts events that were stored one behind the other, the last one as `last_id`."""
    yield from _session_statements(events)
    # The ids of one transaction follow each other without a gap.
    first_id = last_id - len(events) + 1
    yield Statement(_WIDEN_SPAN, _spans(events, first_id, SPAN_BITS), many=True)
    yield Statement(_WIDEN_GROUP, _spans(events, first_id, SPAN_BITS + GROUP_BITS), many=True)
    yield from _bucket_statements(count_buckets(count_minutes(events)))


def block_count_statements(new: int, occurrences: Iterable[tuple[str, str]]) -> Conversation[None]:
    """Counts blocks of which `new` were stored just now, and whose occurrences (agent, digest) are about to be."""
    digests: defaultdict[str, set[str]] = defaultdict(set)
    for agent_name, digest in occurrences:
        digests[agent_name].add(digest)
    yield Statement(_COUNT_BLOCKS, (new,))
    for agent_name, of_agent in digests.items():
        yield Statement(_COUNT_AGENT_BLOCKS, (agent_name, to_json(sorted(of_agent))))


def uncount_statements(buckets: Mapping[Bucket, int]) -> Conversation[None]:
    """Takes from the buckets what they counted of events that are deleted."""
    yield from _bucket_statements({bucket: -count for bucket, count in buckets.items()})
    yield Statement(_DELETE_EMPTY_BUCKET, list(buckets), many=True)
    yield Statement(_DELETE_EMPTY_TYPE, list(count_types(buckets)), many=True)


def _session_statements(events: Sequence[ExtractionEvent]) -> Conversation[None]:
    kinds = Counter(
        (event.session_id, event.agent_name, event.event_type, event.pattern, event.risk_level or "")
        for event in events
    )
    total: Counter[str] = Counter()
    risky: Counter[str] = Counter()
    for (session_id, *_, risk), count in kinds.items():
        total[session_id] += count
        risky[session_id] += count if risk in RISKY else 0
    yield Statement(_COUNT_EVENTS, [(total[key], risky[key], key) for key in total], many=True)
    yield Statement(_ADD_TO_KIND, [(*map(storable, kind), count) for kind, count in kinds.items()], many=True)


def _bucket_statements(buckets: Mapping[Bucket, int]) -> Conversation[None]:
    if buckets:
        rows = [(*map(storable, bucket), count) for bucket, count in buckets.items()]
        yield Statement(_ADD_TO_BUCKET, rows, many=True)
        types = [(*map(storable, key), count) for key, count in count_types(buckets).items()]
        yield Statement(_ADD_TO_TYPE, types, many=True)


def _spans(events: Sequence[ExtractionEvent], first_id: int, bits: int) -> list[tuple[int, str, str]]:
    """The blocks of 2 ** bits ids that the events are in, with the earliest and latest time of those in each."""
    found = []
    for block in range(first_id >> bits, (first_id + len(events) - 1 >> bits) + 1):
        start, end = (block << bits) - first_id, (block + 1 << bits) - first_id
        times = [event.timestamp for event in events[max(start, 0) : end]]
        found.append((block, min(times), max(times)))
    return found
