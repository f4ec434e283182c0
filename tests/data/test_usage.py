"""What of the tokens that agents tell counts."""

from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from data.usage import Amounts, Told, add_up, count_usage

SESSION = "0123456789abcdef"
START = "2026-11-22T01:30:00.000000Z"


def told(scope: str, total: int | None, *, cost: float | None = None, **fields: Any) -> Told:
    row = Told(SESSION, "thread-1", scope, "", START, Amounts(input_uncached=total, total=total, cost_usd=cost))
    return row._replace(**fields)


def total_of(rows: Sequence[Told], session_id: str = SESSION) -> int | None:
    return add_up(count_usage(session_id, rows).values()).total


def cost_of(rows: Sequence[Told], session_id: str = SESSION) -> float | None:
    return add_up(count_usage(session_id, rows).values()).cost_usd


def test_nothing_told_is_nothing_and_not_zero() -> None:
    assert count_usage(SESSION, []) == {}
    assert total_of([]) is None
    assert cost_of([told("step", 5)]) is None


def test_zero_told_is_zero() -> None:
    assert total_of([told("step", 0)]) == 0


def test_messages_steps_and_turns_add_up() -> None:
    assert total_of([told("message", 5), told("step", 7, cost=0.25), told("turn", 1, cost=0.5)]) == 13
    assert cost_of([told("message", 5), told("step", 7, cost=0.25), told("turn", 1, cost=0.5)]) == 0.75


def test_the_total_of_a_run_contains_its_messages() -> None:
    messages = [told("message", 5, model="big"), told("message", 7, model="big")]
    assert total_of([*messages, told("run", 12, model="big")]) == 12
    assert total_of([*messages, told("run", 20, model="big")]) == 20
    assert total_of([*messages, told("run", 9, model="big")]) == 12


def test_a_run_that_names_its_models_is_not_added_to_them() -> None:
    models = [told("run", 12, model="big", cost=0.5), told("run", 3, model="small", cost=0.1)]
    counts = count_usage(SESSION, [told("run", 10, cost=0.6), *models])
    assert add_up(counts.values()).total == 15
    assert {model: amounts.total for (_, model), amounts in counts.items()} == {"big": 12, "small": 3}
    assert abs((add_up(counts.values()).cost_usd or 0) - 0.6) < 1e-6


def test_what_a_run_tells_beyond_its_models_belongs_to_no_model() -> None:
    counts = count_usage(SESSION, [told("run", 20), told("run", 12, model="big")])
    assert {model: amounts.total for (_, model), amounts in counts.items()} == {"big": 12, "": 8}


def test_the_readings_of_a_running_total_count_by_their_differences() -> None:
    assert total_of([told("thread", 10), told("thread", 25), told("thread", 25)]) == 25


def test_a_thread_that_goes_on_in_another_session_counts_in_each_by_its_share() -> None:
    rows = [
        told("thread", 10),
        told("thread", 25),
        told("thread", 40, session_id="later"),
        told("thread", 70, session_id="later"),
    ]
    assert total_of(rows) == 25
    assert total_of(rows, "later") == 45


def test_a_thread_that_is_not_named_is_the_one_that_the_session_knows() -> None:
    assert total_of([told("thread", 10, thread=""), told("thread", 25)]) == 25
    assert total_of([told("run", 10, thread="", model="m"), told("run", 10, model="m")]) == 10
    assert total_of([told("run", 1, thread=""), told("run", 2, thread="a"), told("run", 4, thread="b")]) == 7


def test_what_is_counted_keeps_the_time_and_the_model_that_it_was_told_with() -> None:
    later = "2026-11-23T00:00:00.000000Z"
    counts = count_usage(SESSION, [told("step", 1, model="a"), told("step", 2, model="a", start=later)])
    assert {key: amounts.total for key, amounts in counts.items()} == {(START, "a"): 1, (later, "a"): 2}


rows = st.builds(
    told,
    st.sampled_from(["message", "step", "run", "thread"]),
    st.none() | st.integers(0, 50),
    cost=st.none() | st.sampled_from([0.0, 0.5]),
    session_id=st.sampled_from([SESSION, "later"]),
    thread=st.sampled_from(["", "a", "b"]),
    model=st.sampled_from(["", "x", "y"]),
)


@given(st.lists(rows, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing_of_the_total(found: list[Told], random: Random) -> None:
    shuffled = sorted(found, key=lambda _: random.random())
    assert total_of(found) == total_of(shuffled)
    assert cost_of(found) == cost_of(shuffled)


@given(st.lists(st.integers(0, 1000), max_size=20), st.integers(0, 20))
def test_the_shares_of_a_thread_add_up_to_its_highest_reading(readings: list[int], first: int) -> None:
    told_rows = [
        told("thread", total, session_id="first" if place < first else "second") for place, total in enumerate(readings)
    ]
    shares = [total_of(told_rows, name) or 0 for name in ("first", "second")]
    assert sum(shares) == max(readings, default=0)
