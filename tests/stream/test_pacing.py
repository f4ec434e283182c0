"""Due times come from the start alone."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.pacing import MAX_SPEED, MIN_SPEED, Pacer, due_after

SPEEDS = st.floats(MIN_SPEED, MAX_SPEED)
TIMES = st.lists(st.integers(0, 10**12), min_size=1, max_size=50).map(sorted)


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_speed_divides_the_time_since_the_start() -> None:
    assert due_after(3_000_000, 1.0) == 3.0
    assert due_after(3_000_000, 2.0) == 1.5
    assert due_after(3_000_000, 0.5) == 6.0


def test_what_came_before_the_beginning_is_due_at_once() -> None:
    assert due_after(3_000_000, 1.0, begin=5_000_000) == 0.0
    assert due_after(7_000_000, 2.0, begin=5_000_000) == 1.0


def test_a_late_event_is_not_waited_for() -> None:
    clock = Clock(100.0)
    pacer = Pacer(1.0, 0, clock)
    clock.now = 103.5
    assert pacer.wait(3_000_000) == 0.0
    assert pacer.wait(4_000_000) == pytest.approx(0.5)


@given(TIMES, SPEEDS, st.integers(0, 10**12), st.lists(st.floats(0, 0.5), min_size=50, max_size=50))
def test_whatever_is_waited_for_is_as_late_as_its_own_wait(
    times: list[int], speed: float, begin: int, lateness: list[float]
) -> None:
    clock = Clock(1000.0)
    pacer = Pacer(speed, begin, clock)
    for at, late in zip(times, lateness, strict=False):
        wait = pacer.wait(at)
        clock.now += wait + late
        if wait > 0:
            assert clock.now - 1000.0 == pytest.approx(due_after(at, speed, begin) + late)


@given(TIMES, SPEEDS, st.integers(0, 10**12))
def test_due_times_rise_with_the_times_of_the_recording(times: list[int], speed: float, begin: int) -> None:
    dues = [due_after(at, speed, begin) for at in times]
    assert dues == sorted(dues)
    assert all(due >= 0 for due in dues)


def test_a_pause_is_not_made_up_for() -> None:
    clock = Clock()
    pacer = Pacer(2.0, 0, clock)
    clock.now = 1.0
    pacer.pause()
    clock.now = 100.0
    assert pacer.position == 2_000_000
    assert pacer.wait(2_000_000) == 0.0
    assert pacer.wait(3_000_000) == math.inf
    pacer.resume()
    assert pacer.wait(3_000_000) == 0.5


def test_another_speed_holds_from_where_it_stands() -> None:
    clock = Clock()
    pacer = Pacer(1.0, 0, clock)
    assert pacer.wait(10_000_000) == 10.0
    clock.now = 2.0
    pacer.change_speed(4.0)
    assert pacer.wait(10_000_000) == 2.0
    assert pacer.position == 2_000_000
    pacer.pause()
    pacer.change_speed(8.0)
    clock.now = 50.0
    pacer.resume()
    assert pacer.wait(10_000_000) == 1.0


def test_no_wait_is_longer_than_the_limit_of_idleness() -> None:
    clock = Clock()
    pacer = Pacer(1.0, 0, clock, idle_limit=2_000_000)
    assert pacer.wait(1_000_000) == 1.0
    assert pacer.wait(100_000_000) == 3.0
    assert pacer.wait(100_000_000) == 3.0
    assert pacer.wait(101_000_000) == 4.0
    clock.now = 3.0
    assert pacer.position == 100_000_000
    assert pacer.wait(101_000_000) == 1.0


@given(TIMES, SPEEDS, st.integers(1, 10**10))
def test_with_a_limit_each_wait_is_that_of_the_gap_or_the_limit(times: list[int], speed: float, limit: int) -> None:
    clock = Clock()
    pacer = Pacer(speed, 0, clock, limit)
    last = 0
    for at in times:
        assert pacer.wait(at) == pytest.approx(min(at - last, limit) / 1e6 / speed, abs=1e-5, rel=1e-6)
        clock.now += pacer.wait(at)
        last = at


@given(
    st.lists(
        st.tuples(st.sampled_from(["pause", "resume", "speed"]), st.floats(0, 100), SPEEDS), min_size=1, max_size=20
    )
)
def test_whatever_is_commanded_the_position_is_the_time_that_was_played(steps: list[tuple[str, float, float]]) -> None:
    clock = Clock()
    pacer = Pacer(1.0, 0, clock)
    played, speed, paused = 0.0, 1.0, False
    for command, seconds, factor in steps:
        clock.now += seconds
        played += 0 if paused else seconds * speed
        if command == "speed":
            speed = factor
            pacer.change_speed(factor)
        else:
            paused = command == "pause"
            (pacer.pause if paused else pacer.resume)()
        assert pacer.position == pytest.approx(played * 1e6, abs=20, rel=1e-9)
