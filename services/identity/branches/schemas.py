"""What HTTP sends and receives about branches."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from chassis.http import Body, View
from services.identity.branches.model import Branch, Kind, Place, Status

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,12}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")]
Region = Annotated[str, StringConstraints(pattern=r"^\d{2}$")]


class OpenBranch(Body):
    """A new branch. `from_on` is its first day; without it, today."""

    code: Code = Field(
        description="Short code in capitals and digits, unique in the company; parts of numbers are made of it"
    )
    name: Name
    kind: Kind
    region: Region = Field(description="Province by the first two digits of GB/T 2260, such as 44")
    parent_id: str = Field(max_length=64)
    from_on: date | None = None


class EditBranch(Body):
    """What is left out stays as it is."""

    name: Name | None = None
    region: Region | None = None


class MoveBranch(Body):
    """From `from_on` on (today or later) the branch lies below `parent_id`."""

    parent_id: str = Field(max_length=64)
    from_on: date


class CloseBranch(Body):
    """`closed_on` is the last day on which it takes new business."""

    closed_on: date


class BranchView(View):
    """A branch. `parents` is its whole history, the last step may lie in the future."""

    id: str
    version: int
    code: str
    name: str
    kind: Kind
    region: str
    parents: tuple[Place, ...]
    parent_id: str | None = Field(description="The parent today")
    status: Status
    closed_on: date | None

    @classmethod
    def on(cls, branch: Branch, today: date) -> "BranchView":
        """The view of a branch on a date."""
        fields = {name: getattr(branch, name) for name in cls.model_fields if name != "parent_id"}
        return cls(**fields, parent_id=branch.parent(today))
