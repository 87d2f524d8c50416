"""What happens elsewhere starts and ends obligations; calendar data fills their gaps."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.facts import Fact
from contracts.notifications import CalendarYearLoaded
from services.notifications.obligations import actions, catalogue

consumers = Consumers()


@consumers.on(*catalogue.started_by())
async def start_obligations(fact: Fact, work: Work) -> None:
    """Put into the diary what the fact obliges to. Rules: those of clocks.toml."""
    await actions.start_by(fact, work)


@consumers.on(*dict.fromkeys([*catalogue.met_by(), *catalogue.cancelled_by()]))
async def end_obligations(fact: Fact, work: Work) -> None:
    """Meet or cancel what the fact ends."""
    await actions.end_by(fact, work)


@consumers.on(CalendarYearLoaded)
async def fill_gaps(_: CalendarYearLoaded, work: Work) -> None:
    """Compute what waited for the year. Rule: NTF-002."""
    await actions.fill_gaps(work)
