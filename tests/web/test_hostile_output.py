"""Whatever agents print or are called: it is text on the page, and never runs."""

import pytest
from playwright.sync_api import Page, expect

from browsing import Viewer, Watch
from program import Place

IMAGE = "<img src=x onerror=window.ran=1>"
SCRIPT = "<script>window.ran=1</script>"
OUT_OF_ATTRIBUTE = '"><svg onload=window.ran=1>'
TEMPLATE = "{{ 7*7 }}${7*7}"
HOSTILE = f"{IMAGE}{SCRIPT}{OUT_OF_ATTRIBUTE}{TEMPLATE}</textarea></template>"


@pytest.fixture
def recorded(place: Place) -> Place:
    """A session in which everything that an agent can choose is hostile; it failed, so that it is shown twice."""
    code = f"```{IMAGE}\nprint('{HOSTILE.replace(chr(39), '')}')\n```"
    output = f"Look:\n{code}\nError: no such file '{HOSTILE}'\n\x1b]0;{SCRIPT}\x07{HOSTILE}\n"
    place.run(HOSTILE, "--enable-db", "--", "sh", "-c", 'cat; exit "$2"', HOSTILE, HOSTILE, "3", input=output.encode())
    return place


def is_untouched(page: Page) -> bool:
    """Nothing ran, and no element came from what was printed."""
    return bool(
        page.evaluate(
            """() => window.ran === undefined
                && !document.querySelector("main img, main script, main svg, [onload], [onerror]")"""
        )
    )


@pytest.mark.usefixtures("recorded")
def test_the_overview_shows_it_as_text(site: str, viewer: Viewer) -> None:
    page = viewer(site)
    expect(page.locator("#attention .agent")).to_have_text(HOSTILE)
    expect(page.locator("#attention .line")).to_contain_text(HOSTILE)
    expect(page.locator("#history .agent")).to_have_text(HOSTILE)
    expect(page.locator("#history .command")).to_contain_text(IMAGE)
    assert is_untouched(page)


def test_it_is_text_as_well_when_it_comes_live(recorded: Place, site: str, viewer: Viewer) -> None:
    page = viewer(site)
    expect(page.locator("#connection")).to_have_text("Live")
    recorded.run(HOSTILE, "--enable-db", "--", "sh", "-c", "cat; exit 3", HOSTILE, input=HOSTILE.encode())
    expect(page.locator("#history tr")).to_have_count(2)
    expect(page.locator("#history .agent").first).to_have_text(HOSTILE)
    expect(page.locator("#attention .line").first).to_have_text(HOSTILE)
    expect(page.locator("select[name=agent] option")).to_have_text(["Any agent", HOSTILE])
    assert is_untouched(page)


@pytest.mark.usefixtures("recorded")
def test_filters_and_their_errors_are_text(site: str, viewer: Viewer, watch: Watch) -> None:
    page = viewer(site)
    page.locator("input[name=text]").fill(HOSTILE)
    page.keyboard.press("Enter")
    expect(page.locator("#history tr")).to_have_count(1)
    page.reload()
    expect(page.locator("input[name=text]")).to_have_value(HOSTILE)
    assert is_untouched(page)
    watch.expected = ("400 (Bad Request)", "404 (Not Found)")
    for address in (f"{site}/?state={IMAGE}", f"{site}/?{IMAGE}=1", f"{site}/{IMAGE}", f"{site}/sessions/{IMAGE}"):
        page.goto(address)
        expect(page.locator("main")).to_contain_text("img src")
        assert is_untouched(page)


@pytest.mark.usefixtures("recorded")
def test_hits_and_what_was_searched_for_are_text(site: str, viewer: Viewer, watch: Watch) -> None:
    watch.expected = ("400 (Bad Request)",)  # some of it has quotes that do not close
    page = viewer(f"{site}/search?q=onerror")
    expect(page.locator("#hits .hit").first).to_be_visible()
    expect(page.locator("#hits .agent").first).to_have_text(HOSTILE)
    expect(page.locator("#hits .snippet", has_text="<script>").first).to_be_visible()
    assert is_untouched(page)
    for words in (f"zzz {HOSTILE}", f"zzz {OUT_OF_ATTRIBUTE}".replace('"', "")):
        page.locator("main input[type=search]").fill(words)
        page.keyboard.press("Enter")
        expect(page.locator("main input[type=search]")).to_have_value(words)
        assert is_untouched(page)


def test_the_policy_stops_a_script_that_got_in_anyway(site: str, viewer: Viewer, watch: Watch) -> None:
    watch.expected = ("Content Security Policy", "404 (Not Found)")
    page = viewer(site)
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = 1";
            document.body.append(script);
            const image = document.createElement("img");
            image.setAttribute("onerror", "window.ran = 2");
            image.src = "/static/nothing.png";
            document.body.append(image);
            const foreign = document.createElement("script");
            foreign.src = "data:text/javascript,window.ran=3";
            document.body.append(foreign);
            return new Promise((resolve) => image.addEventListener("error", resolve));
        }"""
    )
    assert page.evaluate("() => window.ran") is None
    assert any("Content Security Policy" in error for error in watch.errors)
