"""Notifications: the diary with its clocks, and messages to users, clients and insurers."""

from chassis import branches
from chassis.files import files_router
from chassis.service import Service
from services.notifications.calendars import endpoints as calendars
from services.notifications.calendars.store import Calendars
from services.notifications.messages import consumers as message_consumers
from services.notifications.messages import endpoints as messages
from services.notifications.messages import jobs as message_jobs
from services.notifications.messages.mail import MailSettings
from services.notifications.messages.store import Messages
from services.notifications.obligations import consumers as obligation_consumers
from services.notifications.obligations import endpoints as obligations
from services.notifications.obligations import jobs as obligation_jobs
from services.notifications.obligations.store import Obligations
from services.notifications.people import consumers as people
from services.notifications.people.store import INDEXES
from services.notifications.preferences import endpoints as preferences
from services.notifications.preferences.store import AllPreferences
from services.notifications.subjects import consumers as subjects

service = Service(
    name="notifications",
    title="通知与待办:期限、提醒、逾期升级、消息与邮件 / Notifications: clocks, reminders, escalation, messages, mail",
    routers=[
        calendars.router,
        obligations.router,
        preferences.router,
        messages.router,
        files_router("obligations:read", "obligations:write"),
    ],
    stores=[Calendars, Obligations, AllPreferences, Messages],
    consumers=[
        branches.consumers,
        people.consumers,
        subjects.consumers,
        obligation_consumers.consumers,
        message_consumers.consumers,
    ],
    jobs=[obligation_jobs.jobs, message_jobs.jobs],
    indexes=INDEXES,
    settings=[MailSettings],
)
