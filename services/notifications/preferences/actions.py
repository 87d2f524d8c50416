"""Read and change a user's settings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chassis.store import MatchMissing, Stale
from chassis.work import Work
from contracts.notifications import PreferencesChanged
from services.notifications.preferences.model import Preferences
from services.notifications.preferences.store import AllPreferences


async def preferences_of(user_id: str, work: Work) -> Preferences:
    """A user's settings; the defaults (version 0) for one who never set any."""
    found = await AllPreferences(replace(work, reach=None)).first({"_id": user_id})
    return found or Preferences(id=user_id, branch="")


async def show_mine(work: Work) -> Preferences:
    """The caller's settings."""
    mine = await preferences_of(work.actor.id, work)
    work.answer.version = mine.version
    return mine


async def change_mine(changes: Mapping[str, Any], work: Work) -> Preferences:
    """Change the caller's settings; version 0 stands for the defaults. Raises MatchMissing, Stale."""
    own = replace(work, reach=None)
    mine = await preferences_of(work.actor.id, work)
    told = PreferencesChanged(user_id=mine.id)
    if mine.version:
        return await AllPreferences(own).change(mine.id, lambda known: (known.but(**changes), told))
    if work.if_match is None:
        raise MatchMissing
    if work.if_match != 0:
        raise Stale(version=0)
    added = await AllPreferences(own).add(mine.but(branch=work.actor.branch, **changes), told)
    if work.answer.repeated:
        raise Stale(version=added.version)
    return added
