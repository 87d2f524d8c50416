"""Numbers in series: 1, 2, 3 …

`next_number` promises no hole and no double only inside `chassis.store.together`, where the number and the document
that carries it commit at once. `reserve_numbers` promises no double.
"""

from pymongo import ReturnDocument

from chassis.work import Work


async def next_number(work: Work, series: str) -> int:
    """The next number of a series (for example "debit-notes BJ 2026"); the first is 1. Needs a transaction."""
    if work.session is None:
        raise RuntimeError("a number is drawn inside together(…), or it can be lost")
    found = await work.db["numbers"].find_one_and_update(
        {"_id": series}, {"$inc": {"last": 1}}, upsert=True, return_document=ReturnDocument.AFTER, session=work.session
    )
    assert found is not None, "an upsert gives a document"
    return int(found["last"])


async def reserve_numbers(work: Work, series: str, many: int) -> range:
    """The next numbers of a series that may have holes, kept at once: for names that need only be unique."""
    found = await work.db["numbers"].find_one_and_update(
        {"_id": series}, {"$inc": {"last": many}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    assert found is not None, "an upsert gives a document"
    return range(found["last"] - many + 1, found["last"] + 1)
