"""What a client notice holds, and when it is issued and signed for."""

from datetime import timedelta
from itertools import product

import pytest

from chassis.moves import IllegalMove, move
from services.clients.notices import rules
from services.clients.notices.model import ARTICLE_50, EDITION_MOVES, HOUSE, MOVES, EditionStatus, Item, Status, Text
from tests.support.clients_work import NOW, TEXTS, TODAY, a_notice, an_edition


@pytest.mark.rule("CLI-050")
@pytest.mark.parametrize("item", [*ARTICLE_50, *HOUSE])
def test_a_notice_without_a_required_item_is_refused(item: Item):
    with pytest.raises(rules.NoticeIncomplete) as refused:
        rules.check_complete({**TEXTS, item: Text(zh="  ")})
    assert [fault.pointer for fault in refused.value.faults] == [f"/texts/{item}"]


@pytest.mark.rule("CLI-050")
def test_all_missing_items_are_named_at_once():
    with pytest.raises(rules.NoticeIncomplete) as refused:
        rules.check_complete({})
    assert len(refused.value.faults) == len(ARTICLE_50) + len(HOUSE)


@pytest.mark.rule("CLI-050")
def test_a_broker_names_no_represented_insurers():
    assert "represented_insurers" not in set(Item)


@pytest.mark.rule("CLI-051")
def test_an_incomplete_edition_is_not_published():
    with pytest.raises(rules.NoticeIncomplete):
        rules.publish(an_edition(texts={}), "com", NOW)


@pytest.mark.rule("CLI-051")
def test_an_edition_is_published_once():
    published, fact = rules.publish(an_edition(), "com", NOW)
    assert (published.status, published.published_at, fact.edition) == (EditionStatus.PUBLISHED, NOW, "2026-1")
    with pytest.raises(IllegalMove):
        rules.publish(published, "com", NOW)


@pytest.mark.rule("CLI-051")
def test_a_notice_is_issued_on_the_current_edition_only():
    issued, fact = rules.issue(a_notice(), an_edition(), "ae", NOW)
    assert (issued.status, fact.issued_on) == (Status.ISSUED, TODAY)
    with pytest.raises(rules.EditionOutdated):
        rules.issue(a_notice(), an_edition(id="e2", name="2026-2"), "ae", NOW)


@pytest.mark.rule("CLI-050")
def test_a_notice_that_lost_an_item_for_its_client_is_not_issued():
    texts = {item: text for item, text in TEXTS.items() if item != Item.RELATED_PARTIES}
    with pytest.raises(rules.NoticeIncomplete):
        rules.issue(a_notice(texts=texts), an_edition(), "ae", NOW)


@pytest.mark.rule("CLI-052")
@pytest.mark.parametrize(("hours", "accepted"), [(-1, False), (0, True), (2, True), (3, False)])
def test_the_client_signs_between_issue_and_now(hours: int, accepted: bool):
    issued, _ = rules.issue(a_notice(), an_edition(), "ae", NOW)
    signed_at, now = NOW + timedelta(hours=hours), NOW + timedelta(hours=2)
    if accepted:
        signed, fact = rules.acknowledge(issued, signed_at, "c-sign", "f1", "ae", now)
        assert (signed.status, signed.evidence_id, fact.acknowledged_at) == (Status.ACKNOWLEDGED, "f1", signed_at)
    else:
        with pytest.raises(rules.AcknowledgedOutOfTime):
            rules.acknowledge(issued, signed_at, "c-sign", "f1", "ae", now)


@pytest.mark.rule("CLI-053")
def test_a_superseded_notice_names_the_newer_one_in_its_trail():
    issued, _ = rules.issue(a_notice(), an_edition(), "ae", NOW)
    superseded, fact = rules.supersede(issued, "n2", "ae", NOW)
    assert (superseded.status, superseded.steps[-1].reason, fact.notice_id) == (Status.SUPERSEDED, "n2", "n1")


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
def test_a_notice_moves_only_as_drawn(before: Status, after: Status):
    notice = a_notice(status=before)
    if after in MOVES[before]:
        assert move(notice, MOVES, after).status == after
    else:
        with pytest.raises(IllegalMove):
            move(notice, MOVES, after)


@pytest.mark.parametrize(("before", "after"), list(product(EditionStatus, EditionStatus)))
def test_an_edition_moves_only_as_drawn(before: EditionStatus, after: EditionStatus):
    edition = an_edition(status=before)
    if after in EDITION_MOVES[before]:
        assert move(edition, EDITION_MOVES, after).status == after
    else:
        with pytest.raises(IllegalMove):
            move(edition, EDITION_MOVES, after)


@pytest.mark.rule("CLI-052")
def test_a_signature_in_the_minute_of_the_issue_is_in_time():
    issued, _ = rules.issue(a_notice(), an_edition(), "ae", NOW + timedelta(seconds=40))
    signed, _ = rules.acknowledge(issued, NOW, "c-sign", "f1", "ae", NOW + timedelta(seconds=50))
    assert signed.acknowledged_at == NOW
