"""A user's own settings over HTTP."""

from fastapi import APIRouter

from chassis.http import Work, requires
from services.notifications.preferences import actions
from services.notifications.preferences.schemas import ChangePreferences, PreferencesView

router = APIRouter(prefix="/preferences", tags=["preferences"])


@router.get("/mine", dependencies=[requires("preferences:write")])
async def show_my_preferences(work: Work) -> PreferencesView:
    """My quiet hours and daily digest; the defaults are version 0.

    Rules: NTF-032, NTF-033 (docs/rules/notifications.md).
    """
    return PreferencesView.of(await actions.show_mine(work))


@router.patch("/mine", dependencies=[requires("preferences:write")])
async def change_my_preferences(body: ChangePreferences, work: Work) -> PreferencesView:
    """Change my quiet hours or daily digest; urgent mails come at any hour.

    Rules: NTF-032, NTF-033 (docs/rules/notifications.md).
    """
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    return PreferencesView.of(await actions.change_mine(changes, work))
