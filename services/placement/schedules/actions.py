"""Taking schedules in, first for show, then for good."""

import asyncio
import hashlib
from collections.abc import Sequence

from chassis.files import Files
from chassis.ids import derived_id
from chassis.work import Work
from services.placement.gates.actions import check_client_ready, known_ids
from services.placement.gates.model import ClientCopy
from services.placement.question_sets.model import ScheduleKind
from services.placement.schedules import rules
from services.placement.schedules.model import Report, Schedule
from services.placement.schedules.reading import read_schedule
from services.placement.schedules.store import ScheduleNotFound, ScheduleRows, Schedules


async def check_schedule(content: bytes, kind: ScheduleKind, work: Work) -> Report:
    """What would become of each row of a file; nothing is kept.

    Raises:
        TableFileRefused, NoScheduleFound.

    Rule: PLC-023.
    """
    return (await asyncio.to_thread(read_schedule, content, kind, work.today)).report()


async def add_schedule(
    client_id: str, kind: ScheduleKind, content: bytes, name: str, media_type: str, work: Work
) -> Schedule:
    """Take the good rows of a file over as a schedule of a client, and keep the file; the same file again adds nothing.

    Raises:
        ClientUnknown, NoticeMissing, MandateMissing, FileRefused, TableFileRefused, NoScheduleFound, ScheduleEmpty.

    Rule: PLC-001, PLC-003, PLC-023, PLC-024.
    """
    client = await check_client_ready(client_id, None, work, fact_finding=True)
    schedule_id = derived_id("schedules", client.id, kind, hashlib.sha256(content).hexdigest())
    taken = await asyncio.to_thread(read_schedule, content, kind, work.today)
    rules.check_any(taken)
    file_id = derived_id("schedule files", schedule_id)
    stored = await Files(work).keep(content, name, media_type, client.branch, file_id)
    await ScheduleRows(work).add(schedule_id, taken.rows)
    schedule = Schedule(
        id=schedule_id,
        branch=client.branch,
        client_id=client.id,
        kind=kind,
        name=stored.name,
        file_id=stored.id,
        rows=len(taken.rows),
        totals=rules.totals(kind, taken.rows),
        regions=rules.regions(taken.rows),
        report=taken.report(),
    )
    return await Schedules(work).add(*rules.added(schedule))


async def the_schedules(schedule_ids: Sequence[str], client: ClientCopy, work: Work) -> list[Schedule]:
    """Schedules of a client, in the order named; raises ScheduleNotFound for another client's."""
    wanted = list(dict.fromkeys(schedule_ids))
    of_client = {"_id": {"$in": wanted}, "client_id": {"$in": list(await known_ids(client, work))}}
    found = {schedule.id: schedule for schedule in await Schedules(work).some(of_client, limit=len(wanted) or 1)}
    for schedule_id in wanted:
        if schedule_id not in found:
            raise ScheduleNotFound(id=schedule_id)
    return [found[schedule_id] for schedule_id in wanted]
