"""The sample service one version on, as a process beside the older one: a parcel has a weight, its posting tells it,
and a new fact tells when it changes. `python -m tests.support.sample_next worker 8102`.
"""

import sys

from fastapi import APIRouter

from chassis.consuming import Consumers
from chassis.http import Work, refusals, requires
from chassis.serve import Role, run
from chassis.service import Service
from chassis.store import Store
from chassis.work import Work as WorkInHand
from contracts.facts import FACTS, Fact
from tests.support import sample
from tests.support.sample import LabelTaken, Parcel, ParcelCopies, ParcelNotFound, ParcelPosted, ParcelView, PostParcel


class PostedWithWeight(ParcelPosted):
    """The same contract, grown by an optional field."""

    weight_g: int | None = None


FACTS[ParcelPosted.type] = PostedWithWeight


class ParcelWeighed(Fact, topic="sample.parcels"):
    """A fact that the older version does not know."""

    parcel_id: str
    weight_g: int


class WeightyParcel(Parcel):
    weight_g: int | None = None


class Parcels(Store[WeightyParcel]):
    collection = "parcels"
    model = WeightyParcel
    missing = ParcelNotFound
    indexes = sample.Parcels.indexes
    duplicates = sample.Parcels.duplicates


class PostWeightyParcel(PostParcel):
    weight_g: int | None = None


class WeightyView(ParcelView):
    weight_g: int | None


router = APIRouter(prefix="/parcels", tags=["parcels"])


@router.post("", status_code=201, dependencies=[requires("parcels:write")], responses=refusals(LabelTaken))
async def post_weighty_parcel(body: PostWeightyParcel, work: Work) -> WeightyView:
    """Post a parcel that may have a weight."""
    told = {name: getattr(body, name) for name in PostWeightyParcel.model_fields}
    parcel = WeightyParcel(id=work.new_id("parcels"), **told)
    posted = PostedWithWeight(parcel_id=parcel.id, label=parcel.label, weight_g=parcel.weight_g)
    return WeightyView.of(await Parcels(work).add(parcel, posted))


@router.post("/{parcel_id}/weight", dependencies=[requires("parcels:write")], responses=refusals(ParcelNotFound))
async def weigh_parcel(parcel_id: str, work: Work) -> WeightyView:
    """Find out that it weighs seven grams."""
    weighed = await Parcels(work).change(
        parcel_id, lambda parcel: (parcel.but(weight_g=7), ParcelWeighed(parcel_id=parcel.id, weight_g=7))
    )
    return WeightyView.of(weighed)


@router.get("/{parcel_id}", dependencies=[requires("parcels:read")], responses=refusals(ParcelNotFound))
async def show_weighty_parcel(parcel_id: str, work: Work) -> WeightyView:
    """One parcel with its weight."""
    return WeightyView.of(await Parcels(work).get(parcel_id))


consumers = Consumers()


@consumers.on(PostedWithWeight, ParcelWeighed)
async def copy_weight(fact: PostedWithWeight | ParcelWeighed, work: WorkInHand) -> None:
    """Keep what it weighs, and its label if it is told."""
    told = {"label": fact.label} if isinstance(fact, PostedWithWeight) else {}
    await ParcelCopies(work).put(fact.parcel_id, weight_g=fact.weight_g, **told)


service = Service(
    name="sample",
    title="Sample",
    routers=[router, sample.router],
    stores=[Parcels],
    consumers=[consumers],
)

if __name__ == "__main__":
    run(service, Role(sys.argv[1]), int(sys.argv[2]))
