"""Regions of the database follow the registry."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import shapely
from sqlalchemy import text

from db.regions import LineReport, bring_into_line, lock, upsert
from routing.region import Region, Source

BOX = shapely.MultiPolygon([shapely.box(10, 54, 11, 55)])


def region(name, **differs):
    usual = Region(
        name=name,
        folder=Path("nowhere"),
        algorithm="mld",
        version="20261124T000000Z-mld",
        built_at=datetime(2026, 11, 24, tzinfo=UTC),
        timezone="Europe/Berlin",
        outline=BOX,
        source=Source("kiel.osm.pbf", "0", 1),
        statistics={"n_ways": 8},
        bindings="1",
    )
    return replace(usual, **differs)


async def versions(tx):
    return {row.name: row.xmin for row in await tx.execute(text("select name, xmin::text from regions"))}


async def test_regions_are_written_with_outline_time_zone_and_statistics(tx):
    assert await bring_into_line(tx, [region("kiel"), region("bonn")]) == LineReport(added=("bonn", "kiel"))
    row = (await tx.execute(text("select *, st_astext(outline) as drawn from regions where name = 'kiel'"))).one()
    assert (row.timezone, row.statistics, row.gone_at) == ("Europe/Berlin", {"n_ways": 8}, None)
    assert shapely.from_wkt(row.drawn).equals(BOX)


async def test_regions_that_are_in_line_are_not_touched(database):
    async with database.begin() as tx:
        await bring_into_line(tx, [region("kiel"), region("bonn")])
        before = await versions(tx)
    async with database.begin() as tx:
        report = await bring_into_line(tx, [region("kiel", version="v2"), region("bonn")])
        after = await versions(tx)
    assert report == LineReport(changed=("kiel",))
    assert after["bonn"] == before["bonn"]
    assert after["kiel"] != before["kiel"]


@pytest.mark.parametrize("differs", [{"timezone": "UTC"}, {"outline": BOX.buffer(1)}, {"statistics": {}}])
async def test_whatever_differs_is_written(tx, differs):
    differs = {name: shapely.MultiPolygon([v]) if name == "outline" else v for name, v in differs.items()}
    await bring_into_line(tx, [region("kiel")])
    assert (await bring_into_line(tx, [region("kiel", **differs)])).changed == ("kiel",)
    assert (await bring_into_line(tx, [region("kiel", **differs)])).is_empty


async def test_a_region_that_is_gone_is_marked_once_and_loses_the_mark_when_it_returns(tx):
    await bring_into_line(tx, [region("kiel"), region("bonn")])
    assert await bring_into_line(tx, [region("bonn")]) == LineReport(gone=("kiel",))
    assert (await bring_into_line(tx, [region("bonn")])).is_empty
    assert (await tx.execute(text("select name from regions where gone_at is not null"))).scalars().all() == ["kiel"]
    assert await bring_into_line(tx, [region("kiel"), region("bonn")]) == LineReport(returned=("kiel",))
    assert (await tx.execute(text("select count(*) from regions where gone_at is not null"))).scalar_one() == 0


async def test_an_empty_registry_marks_them_all(tx):
    await bring_into_line(tx, [region("kiel"), region("bonn")])
    assert (await bring_into_line(tx, [])).gone == ("bonn", "kiel")


async def test_one_region_is_written_without_a_word_about_the_others(tx):
    await bring_into_line(tx, [region("kiel")])
    assert await upsert(tx, [region("bonn")]) == LineReport(added=("bonn",))
    assert await upsert(tx, []) == LineReport()


async def test_only_a_region_that_is_there_can_be_locked(tx):
    await upsert(tx, [region("kiel")])
    assert await lock(tx, "kiel")
    assert not await lock(tx, "bonn")
