"""Signing keys in MongoDB. A key's number is its id, so that of two processes that make the next one, one wins."""

import json
from datetime import datetime

from joserfc.jwk import ECKey
from pymongo.errors import DuplicateKeyError

from chassis.work import Work
from services.identity.keys.model import SigningKey


class SigningKeys:
    """The keys, seen through one piece of work; the private parts are sealed by the keyring."""

    collection = "signing_keys"

    def __init__(self, work: Work) -> None:
        self._documents = work.db[self.collection]
        self._ring = work.db.keyring

    async def all(self) -> list[SigningKey]:
        """All keys that are kept, oldest first."""
        found = await self._documents.find({}).sort("_id", 1).to_list()
        return [SigningKey(number=document.pop("_id"), **document) for document in found]

    async def make(self, number: int, signs_from: datetime) -> None:
        """Make and keep a key; nothing happens when somebody else has just made that number."""
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, private=True, auto_kid=True)
        document = {
            "_id": number,
            "kid": key.kid,
            "public": key.as_dict(private=False),
            "sealed_private": self._ring.seal(json.dumps(key.as_dict(private=True))),
            "signs_from": signs_from,
        }
        try:
            await self._documents.insert_one(document)
        except DuplicateKeyError:
            return

    async def remove(self, keys: list[SigningKey]) -> None:
        """Forget keys; their tokens are void from then on."""
        await self._documents.delete_many({"_id": {"$in": [key.number for key in keys]}})

    def opened(self, key: SigningKey) -> ECKey:
        """The key with its private part."""
        return ECKey.import_key(json.loads(self._ring.open(key.sealed_private)))
