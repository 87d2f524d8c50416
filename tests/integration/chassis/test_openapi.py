"""The OpenAPI document says what FastAPI cannot know."""

from typing import Any

from tests.support.service import RunningService


async def document(sample: RunningService) -> dict[str, Any]:
    answer = await sample.http.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json()


async def test_every_operation_names_its_scope_and_its_headers(sample: RunningService):
    paths = (await document(sample))["paths"]
    post = paths["/parcels"]["post"]
    assert post["x-scope"] == "parcels:write"
    assert post["security"] == [{"bearer": []}]
    assert {"Idempotency-Key", "If-Match"} <= {parameter["name"] for parameter in post["parameters"]}
    assert paths["/parcels/{parcel_id}"]["get"]["x-scope"] == "parcels:read"


async def test_every_refusal_is_a_problem(sample: RunningService):
    told = await document(sample)
    assert "HTTPValidationError" not in str(told)
    for operations in told["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    assert list(answer["content"]) == ["application/problem+json"], status


async def test_what_is_made_links_to_what_can_be_done_with_it(sample: RunningService):
    links = (await document(sample))["paths"]["/parcels"]["post"]["responses"]["201"]["links"]
    assert links["show_parcel"]["parameters"] == {"parcel_id": "$response.body#/id"}
    assert all("header.If-Match" in link["parameters"] for name, link in links.items() if name != "show_parcel")
