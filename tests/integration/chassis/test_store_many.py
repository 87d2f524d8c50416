"""Many new things in one write: each with its own event, and one that cannot be kept does not hold up the others."""

from dataclasses import replace

import pytest

from chassis.refusals import Missing
from contracts.money import yuan
from tests.support.sample import Parcel, ParcelPosted, Parcels
from tests.support.service import RunningService


def a_parcel(number: int, label: str = "", branch: str = "hq") -> tuple[Parcel, ParcelPosted]:
    parcel = Parcel(id=f"p{number}", branch=branch, label=label or f"l{number}", value=yuan("1.00"))
    return parcel, ParcelPosted(parcel_id=parcel.id, label=parcel.label)


async def test_many_things_are_kept_with_their_events(sample: RunningService):
    refused = await Parcels(sample.host.system_work()).add_many([a_parcel(number) for number in range(50)])
    assert refused == {}
    events = await sample.events("parcels")
    assert len(events) == 50
    assert {event["v"] for event in events} == {1}


async def test_what_is_there_already_is_named_and_the_others_are_kept(sample: RunningService):
    parcels = Parcels(sample.host.system_work())
    await parcels.add_many([a_parcel(1), a_parcel(2)])
    refused = await parcels.add_many([a_parcel(1, "other"), a_parcel(3, "l2"), a_parcel(4)])
    assert refused == {"p1": "_id_", "p3": "label"}
    assert [parcel.id for parcel in await parcels.some({}, 10)] == ["p1", "p2", "p4"]
    assert (await parcels.get("p1")).label == "l1"


async def test_nothing_is_kept_when_one_belongs_to_a_branch_out_of_reach(sample: RunningService):
    work = replace(sample.host.system_work(), reach=frozenset({"hq"}))
    with pytest.raises(Missing):
        await Parcels(work).add_many([a_parcel(1), a_parcel(2, branch="gd")])
    assert await sample.host.db["parcels"].count_documents({}) == 0
