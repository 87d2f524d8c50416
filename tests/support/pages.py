"""All services' OpenAPI documents as one, as the gateway serves them."""

import json
from collections.abc import Callable, Mapping
from typing import Any

SCHEMAS = "#/components/schemas/"
Page = dict[str, Any]


def one_page(pages: Mapping[str, Page]) -> Page:
    """One document of several, by service: paths, names of schemas and of operations begin with the service's."""
    components: Page = {"schemas": {}, "securitySchemes": {}}
    whole: Page = {"openapi": "3.1.0", "info": {"title": "Baoqiao", "version": "1"}, "paths": {}}
    for service, page in pages.items():
        told = json.loads(json.dumps(page).replace(SCHEMAS, f"{SCHEMAS}{service}."))
        for path, operations in told["paths"].items():
            for operation in operations.values():
                _rename(operation, service)
            whole["paths"][f"/{service}{path}"] = operations
        for name, schema in told["components"]["schemas"].items():
            components["schemas"][f"{service}.{name}"] = schema
        components["securitySchemes"] |= told["components"]["securitySchemes"]
    return whole | {"components": components}


def _rename(operation: Page, service: str) -> None:
    operation["operationId"] = f"{service}.{operation['operationId']}"
    for answer in operation["responses"].values():
        for link in answer.get("links", {}).values():
            link["operationId"] = f"{service}.{link['operationId']}"


def within(page: Page, scopes: set[str]) -> Page:
    """The page of somebody with these scopes: what he may not call is left out, and the links to it."""
    return only(page, lambda operation: operation.get("x-scope", "") in scopes | {""})


def only(page: Page, keep: Callable[[Page], bool]) -> Page:
    """The page without some operations, and without the links to them."""
    kept: Page = {}
    for path, operations in page["paths"].items():
        own = {method: operation for method, operation in operations.items() if keep(operation)}
        kept |= {path: own} if own else {}
    told = operations_of({"paths": kept})
    told_only = json.loads(json.dumps(page | {"paths": kept}))
    for operations in told_only["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                links = answer.get("links", {})
                answer["links"] = {name: link for name, link in links.items() if link["operationId"] in told}
    return told_only


def operations_of(page: Page) -> set[str]:
    """The ids of a page's operations."""
    return {operation["operationId"] for operations in page["paths"].values() for operation in operations.values()}
