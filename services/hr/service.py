"""The hr service: its doors, stores, copies and jobs."""

from chassis.branches import consumers as branches
from chassis.service import Service
from services.hr.employees.endpoints import router as employees
from services.hr.employees.store import Employees
from services.hr.registrations.consumers import consumers as registration_consumers
from services.hr.registrations.endpoints import router as registrations
from services.hr.registrations.jobs import jobs as registration_jobs
from services.hr.registrations.store import Leavers, Registrations
from services.hr.users.consumers import consumers as users

service = Service(
    name="hr",
    title="人员与执业登记 Employees and practitioner registrations",
    routers=[employees, registrations],
    stores=[Employees, Registrations],
    consumers=[branches, users, registration_consumers],
    jobs=[registration_jobs],
    indexes={Leavers.collection: Leavers.indexes},
)
