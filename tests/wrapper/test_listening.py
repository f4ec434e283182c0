import pytest

from wrapper.server import ServerError, bind


def test_a_host_name_that_cannot_be_resolved_is_said() -> None:
    with pytest.raises(ServerError, match=r"the host name 'nosuch\.host\.invalid' cannot be resolved") as error:
        bind("nosuch.host.invalid", 0)
    assert "--host" in error.value.hint


def test_an_address_of_another_machine_is_no_matter_of_the_port() -> None:
    with pytest.raises(ServerError, match=r"203\.0\.113\.1") as error:
        bind("203.0.113.1", 0)
    assert "--host" in error.value.hint
