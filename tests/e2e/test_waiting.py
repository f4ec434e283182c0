"""An agent that asks: who was waiting for an answer, and for how long."""

import json
import sqlite3
import time
from typing import Any

import pexpect

from program import TIMEOUT, Place, wait_until

ASKS = r"""
printf 'Aider v0.86.1\nMain model: m\n\nmake\nRun shell command? (Y)es/(N)o [Yes]: '
read answer
echo "Running make"
"""


ASKS_LIKE_ANYBODY = r"""
printf 'Do you want to continue? [Y/n] '
read answer
echo "You said $answer"
"""


def permissions(place: Place) -> list[tuple[str, dict[str, Any]]]:
    """What is stored, also before there is anything."""
    sql = "SELECT matched_value, metadata_json FROM extraction_events WHERE event_type = 'permission' ORDER BY id"
    try:
        return [(value, json.loads(metadata)) for value, metadata in place.query(sql)]
    except sqlite3.OperationalError:
        return []


def test_a_question_is_told_while_it_waits_and_its_answer_with_how_long_it_took(place: Place) -> None:
    words = ["aider", "--enable-db", "--", "sh", "-c", ASKS]
    agent = pexpect.spawn(
        "wrapper", words, env=place.environ, cwd=place.directory, timeout=TIMEOUT, dimensions=(24, 80)
    )
    agent.expect(r"\[Yes\]: ")
    wait_until(lambda: permissions(place), "the question")
    time.sleep(0.2)  # a person thinks
    agent.sendline("y")
    agent.expect(pexpect.EOF)
    agent.close()
    (value, asked), (same, answered) = permissions(place)
    assert value == same == "make"
    assert (asked["phase"], answered["phase"], answered["answer"]) == ("asked", "answered", "y")
    assert 200 <= answered["waited_ms"] < TIMEOUT * 1000


def test_what_is_typed_behind_the_question_of_any_program_is_its_answer(place: Place) -> None:
    words = ["installer", "--enable-db", "--", "sh", "-c", ASKS_LIKE_ANYBODY]
    agent = pexpect.spawn(
        "wrapper", words, env=place.environ, cwd=place.directory, timeout=TIMEOUT, dimensions=(24, 80)
    )
    agent.expect_exact("[Y/n] ")
    wait_until(lambda: permissions(place), "the question")
    agent.sendline("y")
    agent.expect(pexpect.EOF)
    agent.close()
    (_, asked), (value, answered) = permissions(place)
    assert value == "Do you want to continue?"
    assert (asked["phase"], answered["phase"], answered["answer"]) == ("asked", "answered", "y")
    assert answered["waited_ms"] > 0
    assert place.query("SELECT byte_offset FROM extraction_events ORDER BY id LIMIT 1") == [(0,)]
