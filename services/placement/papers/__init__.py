"""The papers of placement: what each says (model.py), and one template for both languages of each (*.typ)."""

from pathlib import Path

FOLDER = Path(__file__).parent
ENQUIRY = FOLDER / "enquiry.typ"
PROPOSAL = FOLDER / "proposal.typ"
PLACING_INSTRUCTION = FOLDER / "placing_instruction.typ"
COVER_CONFIRMATION = FOLDER / "cover_confirmation.typ"
