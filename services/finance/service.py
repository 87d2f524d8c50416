"""Finance: what clients owe for the cover that was placed for them."""

from chassis import branches
from chassis.documents import Documents, documents_router
from chassis.service import Service
from services.finance.client_accounts import endpoints as client_accounts
from services.finance.client_accounts.store import ClientAccounts
from services.finance.debit_notes import consumers as debit_notes_consumers
from services.finance.debit_notes import endpoints as debit_notes
from services.finance.debit_notes.store import DebitNotes
from services.finance.parties import consumers as parties
from services.finance.policies import consumers as policies

service = Service(
    name="finance",
    title="财务:客户资金账户、付款通知书 · Finance: client money accounts, debit notes",
    routers=[client_accounts.router, debit_notes.router, documents_router("finance_documents:read")],
    stores=[ClientAccounts, DebitNotes, Documents],
    consumers=[branches.consumers, parties.consumers, policies.consumers, debit_notes_consumers.consumers],
)
