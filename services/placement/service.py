"""Placement: from the market's insurers and the authority matrix to the policy in force."""

from chassis import branches
from chassis.documents import Documents, documents_router
from chassis.files import files_router
from chassis.service import Service
from services.placement.authority import endpoints as authority
from services.placement.authority.store import Matrices
from services.placement.clauses import endpoints as clauses
from services.placement.clauses.store import Clauses
from services.placement.delegations import endpoints as delegations
from services.placement.delegations.store import Delegations
from services.placement.enquiries import consumers as enquiry_facts
from services.placement.enquiries import endpoints as enquiries
from services.placement.enquiries import jobs as enquiry_jobs
from services.placement.enquiries.store import ANSWER_INDEXES, Enquiries
from services.placement.exchange_rates import endpoints as exchange_rates
from services.placement.exchange_rates.store import ExchangeRates
from services.placement.gates import consumers as gates
from services.placement.gates.store import INDEXES
from services.placement.insurers import endpoints as insurers
from services.placement.insurers.store import Insurers
from services.placement.question_sets import endpoints as question_sets
from services.placement.question_sets.store import QuestionSets
from services.placement.questionnaires import endpoints as questionnaires
from services.placement.questionnaires.store import Questionnaires
from services.placement.schedules import endpoints as schedules
from services.placement.schedules.store import ROW_INDEXES, Schedules

service = Service(
    name="placement",
    title="业务安排:市场、询价、报价、建议书、出单、保单 · Placement, from the market to the policy",
    routers=[
        files_router("files:read", "files:write"),
        documents_router("documents:read"),
        insurers.router,
        exchange_rates.router,
        delegations.router,
        authority.router,
        clauses.router,
        question_sets.router,
        questionnaires.router,
        schedules.router,
        enquiries.router,
    ],
    stores=[
        Documents,
        Insurers,
        ExchangeRates,
        Delegations,
        Matrices,
        Clauses,
        QuestionSets,
        Questionnaires,
        Schedules,
        Enquiries,
    ],
    consumers=[branches.consumers, gates.consumers, enquiry_facts.consumers],
    jobs=[enquiry_jobs.jobs],
    indexes={**INDEXES, **ROW_INDEXES, **ANSWER_INDEXES},
)
