"""Placement: from the market's insurers and the authority matrix to the policy in force."""

from chassis import branches
from chassis.documents import Documents, documents_router
from chassis.files import files_router
from chassis.service import Service
from services.placement.authority import endpoints as authority
from services.placement.authority.store import Matrices
from services.placement.clauses import endpoints as clauses
from services.placement.clauses.store import Clauses
from services.placement.confirmations import endpoints as confirmations
from services.placement.confirmations.store import Confirmations
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
from services.placement.placings import endpoints as placings
from services.placement.placings.store import Placings
from services.placement.policies import consumers as policy_facts
from services.placement.policies import endpoints as policies
from services.placement.policies import jobs as policy_jobs
from services.placement.policies.store import VERSION_INDEXES, Policies
from services.placement.proposals import endpoints as proposals
from services.placement.proposals import jobs as proposal_jobs
from services.placement.proposals.store import Proposals
from services.placement.question_sets import endpoints as question_sets
from services.placement.question_sets.store import QuestionSets
from services.placement.questionnaires import endpoints as questionnaires
from services.placement.questionnaires.store import Questionnaires
from services.placement.quotes import consumers as quote_facts
from services.placement.quotes import endpoints as quotes
from services.placement.quotes import jobs as quote_jobs
from services.placement.quotes.store import Quotes
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
        quotes.router,
        proposals.router,
        placings.router,
        placings.of_quotes,
        confirmations.router,
        policies.router,
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
        Quotes,
        Proposals,
        Placings,
        Confirmations,
        Policies,
    ],
    consumers=[
        branches.consumers,
        gates.consumers,
        enquiry_facts.consumers,
        quote_facts.consumers,
        policy_facts.consumers,
    ],
    jobs=[enquiry_jobs.jobs, quote_jobs.jobs, proposal_jobs.jobs, policy_jobs.jobs],
    indexes={**INDEXES, **ROW_INDEXES, **ANSWER_INDEXES, **VERSION_INDEXES},
)
