"""The clients service: its slices in process order."""

from chassis import branches
from chassis.files import files_router
from chassis.service import Service
from services.clients.clients import consumers as clients_bus
from services.clients.clients import endpoints as clients_door
from services.clients.clients.store import Clients
from services.clients.imports import endpoints as imports_door
from services.clients.imports import jobs as imports_clock
from services.clients.imports.store import Imports, ReportRows
from services.clients.mandates import consumers as mandates_bus
from services.clients.mandates import endpoints as mandates_door
from services.clients.mandates import jobs as mandates_clock
from services.clients.mandates.store import Mandates
from services.clients.notices import consumers as notices_bus
from services.clients.notices import endpoints as notices_door
from services.clients.notices.store import Editions, Notices
from services.clients.people import consumers as people_bus
from services.clients.people import store as people_store
from services.clients.projects import consumers as projects_bus
from services.clients.projects import endpoints as projects_door
from services.clients.projects import jobs as projects_clock
from services.clients.projects import store as projects_store
from services.clients.projects.store import Projects

service = Service(
    name="clients",
    title="客户 · Clients",
    routers=[
        clients_door.router,
        imports_door.router,
        notices_door.editions,
        notices_door.notices,
        mandates_door.router,
        projects_door.router,
        files_router("files:read", "files:write"),
    ],
    stores=[Clients, Imports, Editions, Notices, Mandates, Projects],
    consumers=[
        branches.consumers,
        people_bus.consumers,
        clients_bus.consumers,
        notices_bus.consumers,
        mandates_bus.consumers,
        projects_bus.consumers,
    ],
    jobs=[imports_clock.jobs, mandates_clock.jobs, projects_clock.jobs],
    indexes={
        **people_store.indexes,
        **ReportRows.indexes,
        **projects_store.indexes,
    },
)
