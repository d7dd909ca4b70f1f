"""The map page in a real browser without a network: what a dispatcher sees, taps and reads."""

import json
import re
import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from dispatch import map_page
from dispatch.types import (
    Contractor,
    DayPlan,
    Job,
    PlannedRoute,
    PlannedStop,
    Reason,
    RejectedRow,
    Remedy,
    Shift,
    UnassignedJob,
    Window,
)
from geo import polyline
from geo.point import Point
from routing.types import Objective, Search

SANTIAGO = ZoneInfo("America/Santiago")
HOSTILE = "</script><img src=x onerror=\"document.title='owned'\"><b>Ana</b> {{data}} & co"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WEST, SOUTH, STEP = -71.30, -29.98, 0.01
NO_NETWORK = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def at(hour, minute=0):
    return datetime(2026, 11, 24, hour, minute, tzinfo=SANTIAGO)


def crossing(column, row):
    return Point(WEST + STEP * column, SOUTH + STEP * row)


def grid_roads(n=9):
    """A town of n x n streets, the middle ones wide."""
    places = np.arange(n) * STEP
    classes = ["primary" if i == n // 2 else "residential" for i in range(n)]
    east = [
        (kind, np.column_stack([WEST + places, np.full(n, SOUTH + y)])) for kind, y in zip(classes, places, strict=True)
    ]
    north = [
        (kind, np.column_stack([np.full(n, WEST + x), SOUTH + places])) for kind, x in zip(classes, places, strict=True)
    ]
    return east + north


def route(name, column, *jobs):
    """Northwards along one street, a stop at every second crossing, an hour each."""
    home = Contractor(f"id of {name}", name, frozenset({"plumber"}), crossing(column, 0), Shift(at(8), at(17)))
    stops = []
    for n, job in enumerate(jobs):
        arrives_at = at(8 + n, 10)
        begins_at = arrives_at + timedelta(minutes=5)
        departs_at = begins_at + timedelta(minutes=30)
        why = Reason("nearest", f"Nearest plumber for {job.id}.")
        stops.append(PlannedStop(job, arrives_at, begins_at, departs_at, 600, 2200, 300, (why,)))
    places = [home.home, *(job.point for job in jobs), home.home]
    line, pause = polyline.encode([(place.lon, place.lat) for place in places]), (at(12), at(12, 30))
    n = len(jobs)
    return PlannedRoute(home, at(8), at(13), 3600, 1800 * n, 300 * n, 9000, line, (pause,), tuple(stops))


def job(name, column, row, **more):
    told = {"address": f"{name} Street", "window": Window(at(8), at(12))}
    return Job(name, "plumber", crossing(column, row), 1800, 10_800, **{**told, **more})


def day_plan(**changes):
    wider = Remedy("window", "J9", "window_end", "12:00", "12:25", "Ana comes at 12:25.", 740, verified=True)
    told = {
        "on": date(2026, 11, 24), "timezone": "America/Santiago", "seed": 1, "limit_s": 10.0, "budget_iterations": None,
        "travel_time_source": "osrm", "search": Search("trades", "0.1.0", "limit_s", 2000, "solution", "insertion"),
        "phases": {"judge": 0.01}, "objective": Objective(travel=7200, unserved=10_800), "bound": None,
        "routes": (
            route("Ana", 1, job("J1", 1, 2), job("J2", 1, 4), job("J3", 1, 6)),
            route("Bruno", 5, job("J4", 5, 2), job("J5", 5, 4)),
        ),
        "unassigned": (UnassignedJob(job("J9", 7, 7), (Reason("window", "Everybody is busy until noon.", wider),)),),
        "n_contractors": 2,
        "warnings": ("jobs.csv, line 4: 02:30 does not exist on this day",),
    }  # fmt: skip
    return DayPlan(**{**told, **changes})


@pytest.fixture(scope="module")
def browser():
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=NO_NETWORK)
        yield running
        running.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Open a plan's page; at the end no request may have left the file and nothing been complained about."""
    contexts, asked, complaints = [], [], []

    def open_page(plan, roads=None, *, title="Tuesday", viewport=DESKTOP, **more):
        path = tmp_path / "routes.html"
        map_page.write(plan, grid_roads() if roads is None else roads, path, title=title)
        context = browser.new_context(viewport=viewport, offline=True, reduced_motion="reduce", **more)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri())
        until(page, "() => window.tradesMap && tradesMap.view.width > 1")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert asked
    assert all(url.startswith(("file://", "data:")) for url in asked)


def pixel_of(page, place):
    box = page.locator("#map").bounding_box()
    x, y = page.evaluate("place => tradesMap.pixelOf(place)", place)
    return box["x"] + x, box["y"] + y


def until(page, is_true, given=None):
    """Wait for what a function of the page says; playwright's own wait evals at each look, which the page forbids."""
    page.evaluate(
        f"given => new Promise(done => {{ const look = () => ({is_true})(given) ? done() : requestAnimationFrame(look); look(); }})",
        given,
    )


def colours_around(page, x, y, radius_px=6):
    """Different colours the canvas shows around a point of the page."""
    return page.evaluate(
        """async ([x, y, r]) => {
          await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
          const map = document.getElementById("map"), box = map.getBoundingClientRect(), k = map.width / box.width;
          const copy = new OffscreenCanvas(2 * r * k, 2 * r * k).getContext("2d", { willReadFrequently: true });
          copy.drawImage(map, (r - x + box.left) * k, (r - y + box.top) * k);
          const shot = copy.getImageData(0, 0, 2 * r * k, 2 * r * k).data;
          const seen = new Set();
          for (let i = 0; i < shot.length; i += 4) seen.add(shot.slice(i, i + 3).join());
          return [...seen];
        }""",
        [x, y, radius_px],
    )


def overflow_px(page):
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_a_tap_on_a_stop_shows_its_times_window_drive_wait_and_reason(opened):
    page = opened(day_plan())
    page.mouse.click(*pixel_of(page, {"route": 0, "stop": 1}))
    card = page.locator("#card")
    card.wait_for()
    text = card.inner_text()
    times = ["09:10", "09:15–09:45", "08:00–12:00", "10 min, 2.2 km", "5 min"]
    for said in ["J2 Street", "J2 · plumber", "Stop 2 of 3, Ana", *times, "Nearest plumber for J2."]:
        assert said in text


def test_a_finger_on_a_phone_opens_the_same_card(opened):
    page = opened(day_plan(), **PHONE, device_scale_factor=2)
    page.touchscreen.tap(*pixel_of(page, {"route": 1, "stop": 0}))
    page.locator("#card").wait_for()
    assert "Nearest plumber for J4." in page.locator("#card").inner_text()


def test_a_job_nobody_serves_is_shown_with_cause_remedy_price_and_what_to_type(opened):
    page = opened(day_plan())
    page.mouse.click(*pixel_of(page, {"left": 0}))
    page.locator("#card").wait_for()
    text = page.locator("#card").inner_text()
    cause, remedy = "Everybody is busy until noon.", "jobs.csv, J9, window_end: 12:00 → 12:25"
    for said in ["Not served", cause, "Ana comes at 12:25.", remedy, "+740 points", "checked by the judge"]:
        assert said in text
    page.get_by_role("tab", name="Not served").click()
    assert "Ana comes at 12:25." in page.locator("#panel-left").inner_text()


def test_a_remedy_of_a_whole_contractor_shows_the_row_to_add(opened):
    row = {"id": "N1", "trades": "roofer", "shift_start": "08:00", "end_lon": ""}
    remedy = Remedy("contractor", "N1", None, None, row, "One more roofer.", -5, verified=False)
    left = UnassignedJob(job("J9", 7, 7), (Reason("no_skill", "Nobody roofs.", remedy),))
    page = opened(day_plan(unassigned=(left,)))
    page.get_by_role("tab", name="Not served").click()
    page.get_by_role("button", name="Nobody roofs.").click()
    text = page.locator("#card").inner_text()
    for said in ("new row N1", "roofer", "08:00", "−5 points", "not checked by the judge"):
        assert said in text
    assert "end_lon" not in text


def test_choosing_a_contractor_opens_the_stops_and_dims_the_other_routes(opened):
    page = opened(day_plan())
    before = colours_around(page, *pixel_of(page, {"route": 1, "stop": 1}))
    ana = page.get_by_role("button", name=re.compile("^Ana plumber"))
    assert ana.get_attribute("aria-expanded") == "false"
    ana.click()
    assert ana.get_attribute("aria-expanded") == "true"
    assert page.locator("#stops-0").inner_text().split("\n")[:2] == ["08:00", "leaves home"]
    assert "break until 12:30" in page.locator("#stops-0").inner_text()
    page.locator("#fit").focus()
    assert colours_around(page, *pixel_of(page, {"route": 1, "stop": 1})) != before
    assert page.locator("#row-0").get_attribute("class") == "row chosen"


def test_roads_and_routes_are_drawn_on_the_canvas(opened):
    page = opened(day_plan())
    (ground,) = colours_around(page, *pixel_between(page), 1)
    street = colours_around(page, *pixel_of(page, {"left": 0}), 20)
    assert len(street) > 3
    assert ground in street


def pixel_between(page):
    """The middle of a block: no road, no mark."""
    x0, y0 = pixel_of(page, {"route": 0, "stop": 1})
    x1, _ = pixel_of(page, {"route": 1, "stop": 1})
    return x0 + (x1 - x0) * 3 / 8, y0 + (x1 - x0) / 8


def test_wheel_drag_buttons_and_keys_move_the_map(opened):
    page = opened(day_plan())

    def view():
        return page.evaluate("({...tradesMap.view})")

    first = view()
    x, y = pixel_between(page)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -300)
    until(page, "k => tradesMap.view.k > k", first["k"])
    page.mouse.down()
    page.mouse.move(x + 80, y + 40, steps=4)
    page.mouse.up()
    dragged = view()
    assert dragged["x"] < first["x"]
    page.locator("#zoom-out").click()
    assert view()["k"] < dragged["k"]
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    assert view()["x"] > dragged["x"]
    page.keyboard.press("0")
    assert view()["k"] == pytest.approx(first["k"])


def test_two_fingers_zoom_about_the_place_between_them(opened):
    page = opened(day_plan(), **PHONE)
    first_k = page.evaluate("tradesMap.view.k")
    devices = page.context.new_cdp_session(page)

    def touch(kind, *xs):
        points = [{"x": x, "y": 260, "id": i} for i, x in enumerate(xs)]
        devices.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 180, 220)
    touch("touchMove", 140, 260)
    touch("touchMove", 100, 300)
    touch("touchEnd")
    assert page.evaluate("tradesMap.view.k") > 2 * first_k
    assert page.locator("#card").is_hidden()


def test_keys_alone_reach_a_stop_and_come_back(opened):
    page = opened(day_plan())
    page.locator("#route-1").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#card").is_visible()
    assert page.evaluate("document.activeElement.id") == "card"
    assert page.locator("#said").inner_text() == "J4 Street, service 08:15"
    page.keyboard.press("Escape")
    assert page.locator("#card").is_hidden()
    assert page.evaluate("document.activeElement.dataset.place") == "1 0"


def test_the_timeline_is_one_stop_of_the_tab_key_and_arrows_walk_it(opened):
    page = opened(day_plan())
    assert page.locator(".block[tabindex='0']").count() == 1
    page.locator(".block").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "B2, J5 Street, service 09:15 to 09:45"
    page.keyboard.press("Enter")
    assert "Nearest plumber for J5." in page.locator("#card").inner_text()


def test_the_timeline_draws_driving_service_waiting_and_breaks_to_scale(opened):
    page = opened(day_plan())
    widths = page.evaluate(
        "Object.fromEntries(['block', 'drive', 'wait', 'break', 'shift'].map(k => [k, document.querySelector(`#row-0 .${k}`).getBoundingClientRect().width]))"
    )
    minute_px = widths["shift"] / 540
    assert widths["block"] == pytest.approx(30 * minute_px, abs=1)
    assert widths["drive"] == pytest.approx(10 * minute_px, abs=1)
    assert widths["wait"] == pytest.approx(5 * minute_px, abs=1)
    assert widths["break"] == pytest.approx(30 * minute_px, abs=1)


def test_the_search_field_finds_a_job_in_its_route(opened):
    page = opened(day_plan())
    page.get_by_label("Find a job").fill("j5 str")
    assert page.locator("#route-0").is_hidden()
    assert page.locator("#stops-1").is_visible()
    page.get_by_label("Find a job").fill("nothing like it")
    assert page.locator("#routes-empty").inner_text() == "Nothing in the routes fits."


def test_the_header_says_served_driving_objective_judge_and_digest(opened):
    page = opened(day_plan())
    text = page.locator("header.top").inner_text()
    digest = json.loads(page.locator("#plan-data").inner_text())["digest"]
    for said in ("Tuesday", "Tue 24 Nov 2026", "5 of 6", "2 h 00 min", "18,000", "✓ none", digest[7:15]):
        assert said in text
    page.get_by_role("tab", name="Plan").click()
    assert digest in page.locator("#panel-plan").inner_text()
    assert "02:30 does not exist" in page.locator("#panel-plan").inner_text()
    assert page.get_by_text("© OpenStreetMap contributors").is_visible()


def test_a_plan_nobody_judged_and_estimated_times_are_said(opened):
    page = opened(day_plan(phases={}, travel_time_source="straight"))
    assert "not judged" in page.locator("header.top").inner_text()
    assert "estimates along straight lines" in page.locator("#map-note").inner_text()


def test_hostile_names_are_text_everywhere(opened):
    bad = job(HOSTILE, 1, 2, address=HOSTILE)
    mine = route(HOSTILE, 1, bad)
    left = UnassignedJob(
        replace(bad, id="J9", trade=HOSTILE),
        (Reason(HOSTILE, HOSTILE, Remedy("window", HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, 1, verified=True)),),
    )
    rejected = RejectedRow(HOSTILE, 2, HOSTILE, HOSTILE, HOSTILE)
    page = opened(
        day_plan(routes=(mine,), unassigned=(left,), rejected_rows=(rejected,), warnings=(HOSTILE,)), title=HOSTILE
    )
    page.locator("#route-0").click()
    page.locator("#stops-0 .stop").click()
    assert page.locator("#card h2").inner_text() == HOSTILE
    page.locator("#tab-left").click()
    page.locator(".left").click()
    assert HOSTILE in page.locator(".remedy").inner_text()
    assert page.locator("h1").inner_text() == HOSTILE
    assert page.title() == HOSTILE
    assert page.locator("img, main b:has-text('Ana')").count() == 0


def test_the_page_runs_no_script_but_its_own(browser, tmp_path):
    map_page.write(day_plan(), [], tmp_path / "routes.html", title="Tuesday")
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / "routes.html").as_uri())
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    assert page.evaluate("window.ran") is None
    policy = page.locator("meta[http-equiv]").get_attribute("content")
    context.close()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(opened, scheme):
    long_name = "Wolfeschlegelsteinhausenbergerdorff" * 3
    plan = day_plan(routes=(route(long_name, 1, job("J1" * 30, 1, 2)),))
    page = opened(plan, title=long_name, color_scheme=scheme, **PHONE)
    assert overflow_px(page) == 0
    page.locator("#route-0").tap()
    for tab in ("left", "timeline", "plan", "routes"):
        page.locator(f"#tab-{tab}").tap()
        assert page.locator(f"#panel-{tab}").is_visible()
        assert overflow_px(page) == 0
    page.locator("#stops-0 .stop").tap()
    page.locator("#card").wait_for()
    assert overflow_px(page) == 0
    assert page.locator("#card").evaluate("card => card.scrollWidth <= card.clientWidth")


def test_the_sheet_of_a_phone_grows_and_shrinks(opened):
    page = opened(day_plan(), **PHONE)

    def height_px():
        return page.locator("#sheet").bounding_box()["height"]

    half = height_px()
    page.locator("#grip").press("Enter")
    tall = height_px()
    page.locator("#grip").press("Enter")
    assert height_px() < half < tall


def test_what_a_finger_has_to_hit_on_a_phone_is_large_enough(opened):
    page = opened(day_plan(), **PHONE)
    page.locator("#route-0").tap()
    page.locator("#stops-0 .stop").first.tap()
    too_small = page.evaluate("""[...document.querySelectorAll(".route, .stop, .map-buttons button, .tabs button, .close, .step")]
        .filter(one => one.offsetParent && one.getBoundingClientRect().height < 44).map(one => one.className)""")
    assert too_small == []


def test_a_plan_without_routes_jobs_or_roads_says_so(opened):
    page = opened(day_plan(routes=(), unassigned=(), objective=Objective()), roads=[])
    assert page.locator("#routes-empty").inner_text() == "No routes: nobody has a stop in this plan."
    assert "nobody has a stop" in page.locator("#panel-timeline").inner_text()
    assert page.locator("#map-note").inner_text() == "No roads were given for this map."
    page.locator("#tab-left").click()
    assert page.locator("#panel-left").inner_text() == "There are no jobs in this plan."


def test_a_plan_that_serves_everything_says_so(opened):
    page = opened(day_plan(unassigned=()))
    page.locator("#tab-left").click()
    assert page.locator("#panel-left").inner_text() == "Every job is served."


def test_thirty_contractors_differ_by_letter_colour_and_line(opened):
    page = opened(day_plan(routes=tuple(route(f"P{n}", n % 8, job(f"J{n}", n % 8, 2)) for n in range(30))))
    letters = page.locator(".route .badge").all_inner_texts()
    assert letters[:2] + letters[25:28] == ["A", "B", "Z", "AA", "AB"]
    assert len(set(letters)) == 30
    looks = page.evaluate(
        "[...document.querySelectorAll('.line-sample line')].map(l => l.getAttribute('stroke') + l.getAttribute('stroke-dasharray'))"
    )
    assert len(set(looks)) == 30


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(opened, scheme):
    page = opened(day_plan(), color_scheme=scheme)
    page.mouse.click(*pixel_of(page, {"left": 0}))
    page.locator("#tab-left").click()
    faint = page.evaluate("""() => {
      const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
      const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
      const behind = (one) => { for (let at = one; at; at = at.parentElement) { const c = numbers(getComputedStyle(at).backgroundColor); if (c.length === 3 || c[3] === 1) return c; } };
      const seen = [...document.querySelectorAll("body *:not(script, style)")].filter(one => one.offsetParent && [...one.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && !one.closest(".map-foot, :disabled"));
      return seen.map(one => { const a = light(numbers(getComputedStyle(one).color)), b = light(behind(one)); return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), one.className + one.textContent]; }).filter(([ratio]) => ratio < 4.5);
    }""")
    assert faint == []


def test_every_control_has_a_name(opened):
    page = opened(day_plan())
    page.locator("#route-0").click()
    page.locator("#stops-0 .stop").first.click()
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, input, canvas, [role]')].filter(one => !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') || one.textContent.trim())).map(one => one.outerHTML)"
    )
    assert nameless == []


def test_a_region_of_twenty_thousand_roads_stays_under_three_megabytes(tmp_path):
    chance = np.random.default_rng(1)
    starts = np.column_stack([chance.uniform(WEST, WEST + 0.2, 20_000), chance.uniform(SOUTH, SOUTH + 0.2, 20_000)])
    roads = [("residential", start + np.cumsum(chance.normal(0, 5e-4, (8, 2)), axis=0)) for start in starts]
    map_page.write(day_plan(), roads, tmp_path / "routes.html", title="Large")
    assert (tmp_path / "routes.html").stat().st_size < 3_000_000


def test_the_page_names_no_place_in_the_network():
    text = map_page.page(day_plan(), grid_roads(), title="Tuesday")
    addresses = set(re.findall(r"(?:https?:)?//[a-z0-9][\w.-]+\.\w+", text))
    assert addresses <= {"http://www.w3.org"}


def test_hours_run_on_where_the_clock_is_put_back():
    chicago = ZoneInfo("America/Chicago")
    night = [datetime(2026, 11, 1, hour, tzinfo=chicago) for hour in (0, 4)]
    (ana, _) = day_plan().routes
    ana = replace(ana, contractor=replace(ana.contractor, shift=Shift(*night)), starts_at=night[0], ends_at=night[1])
    plan = day_plan(routes=(ana,), on=date(2026, 11, 1), timezone="America/Chicago")
    ticks = map_page.page_data(plan, [], title="x")["ticks"]
    assert [text for _, text in ticks] == ["00:00", "01:00", "01:00", "02:00", "03:00", "04:00"]
    assert {later[0] - sooner[0] for sooner, later in pairwise(ticks)} == {3600}
