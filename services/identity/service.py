"""The identity service: its doors, stores and jobs."""

from chassis.service import Service
from services.identity.branches.endpoints import router as branches
from services.identity.branches.store import Branches
from services.identity.keys.endpoints import router as keys
from services.identity.keys.jobs import jobs as key_jobs
from services.identity.roles.endpoints import router as roles
from services.identity.roles.jobs import jobs as role_jobs
from services.identity.roles.store import Roles
from services.identity.sessions.endpoints import router as sessions
from services.identity.sessions.jobs import jobs as session_jobs
from services.identity.sessions.store import Sessions
from services.identity.users.endpoints import router as users
from services.identity.users.store import Failures, Users

service = Service(
    name="identity",
    title="机构、用户与登录 Branches, users and sign-in",
    routers=[branches, roles, users, keys, sessions],
    stores=[Branches, Roles, Users],
    jobs=[role_jobs, key_jobs, session_jobs],
    indexes={Sessions.collection: Sessions.indexes, Failures.collection: Failures.indexes},
    branches_in=Branches.collection,
    branches_kept_seconds=0,
)
