"""Every call of the API: where it goes, and whether it may be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path; names in braces stand for arguments."""

    method: str
    path: str
    idempotent: bool = False
    """Takes an idempotency key, so that repeating it is safe."""
    reads: bool = False
    """Changes nothing, though it is a POST."""
    open: bool = False
    """Needs no key."""

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does no more than sending it once."""
        return self.idempotent or self.reads or self.method in {"GET", "PUT", "DELETE"}


def _once(method: str, path: str) -> Route:
    return Route(method, path, idempotent=True)


ROUTES: Mapping[str, Route] = MappingProxyType(
    {
        "sms.send": _once("POST", "/v1/sms/send"),
        "sms.batch": _once("POST", "/v1/sms/batch"),
        "sms.otp": _once("POST", "/v1/sms/otp"),
        "sms.verify": _once("POST", "/v1/sms/verify"),
        "sms.get": Route("GET", "/v1/sms/{id}"),
        "sms.list": Route("GET", "/v1/sms"),
        "sms.trace": Route("GET", "/v1/sms/{id}/trace"),
        "sms.reschedule": _once("PATCH", "/v1/sms/{id}"),
        "sms.cancel": _once("POST", "/v1/sms/{id}/cancel"),
        "sms.estimate": Route("POST", "/v1/sms/estimate", reads=True),
        "batches.list": Route("GET", "/v1/batches"),
        "batches.get": Route("GET", "/v1/batches/{id}"),
        "batches.reschedule": _once("PATCH", "/v1/batches/{id}"),
        "batches.cancel": _once("POST", "/v1/batches/{id}/cancel"),
        "verifications.list": Route("GET", "/v1/verifications"),
        "verifications.get": Route("GET", "/v1/verifications/{id}"),
        "verifications.cancel": _once("POST", "/v1/verifications/{id}/cancel"),
        "test_numbers.list": Route("GET", "/v1/test-numbers"),
        "test_numbers.create": _once("POST", "/v1/test-numbers"),
        "test_numbers.delete": Route("DELETE", "/v1/test-numbers/{id}"),
        "guard.get": Route("GET", "/v1/guard"),
        "guard.update": Route("PATCH", "/v1/guard"),
        "guard.blocks": Route("GET", "/v1/guard/blocks"),
        "guard.block": _once("POST", "/v1/guard/blocks"),
        "guard.unblock": Route("DELETE", "/v1/guard/blocks/{id}"),
        "guard.safe": Route("GET", "/v1/guard/safe"),
        "guard.add_safe": _once("POST", "/v1/guard/safe"),
        "guard.remove_safe": Route("DELETE", "/v1/guard/safe/{id}"),
        "guard.prefixes": Route("GET", "/v1/guard/prefixes"),
        "guard.set_prefixes": Route("PUT", "/v1/guard/prefixes"),
        "templates.list": Route("GET", "/v1/templates"),
        "templates.create": _once("POST", "/v1/templates"),
        "templates.get": Route("GET", "/v1/templates/{id}"),
        "templates.update": Route("PATCH", "/v1/templates/{id}"),
        "templates.delete": Route("DELETE", "/v1/templates/{id}"),
        "templates.versions": Route("GET", "/v1/templates/{id}/versions"),
        "templates.import": _once("POST", "/v1/templates/import"),
        "templates.preview": Route("POST", "/v1/templates/{id}/preview", reads=True),
        "bindings.list": Route("GET", "/v1/templates/{id}/bindings"),
        "bindings.set": Route("PUT", "/v1/templates/{id}/bindings/{vendor}"),
        "bindings.delete": Route("DELETE", "/v1/templates/{id}/bindings/{vendor}"),
        "signatures.list": Route("GET", "/v1/signatures"),
        "signatures.create": _once("POST", "/v1/signatures"),
        "signatures.get": Route("GET", "/v1/signatures/{id}"),
        "signatures.delete": Route("DELETE", "/v1/signatures/{id}"),
        "signatures.approve": Route("PUT", "/v1/signatures/{id}/approvals/{vendor}"),
        "signatures.disapprove": Route("DELETE", "/v1/signatures/{id}/approvals/{vendor}"),
        "suppressions.list": Route("GET", "/v1/suppressions"),
        "suppressions.create": _once("POST", "/v1/suppressions"),
        "suppressions.get": Route("GET", "/v1/suppressions/{id}"),
        "suppressions.delete": Route("DELETE", "/v1/suppressions/{id}"),
        "inbox.list": Route("GET", "/v1/inbox"),
        "inbox.get": Route("GET", "/v1/inbox/{id}"),
        "account.get": Route("GET", "/v1/account"),
        "account.prices": Route("GET", "/v1/account/prices"),
        "keys.list": Route("GET", "/v1/keys"),
        "keys.create": _once("POST", "/v1/keys"),
        "keys.get": Route("GET", "/v1/keys/{id}"),
        "keys.revoke": Route("DELETE", "/v1/keys/{id}"),
        "accounts.list": Route("GET", "/v1/accounts"),
        "accounts.create": _once("POST", "/v1/accounts"),
        "accounts.get": Route("GET", "/v1/accounts/{name}"),
        "accounts.update": Route("PATCH", "/v1/accounts/{name}"),
        "accounts.credit": _once("POST", "/v1/accounts/{name}/credit"),
        "accounts.words": Route("GET", "/v1/accounts/{name}/words"),
        "accounts.set_words": Route("PUT", "/v1/accounts/{name}/words"),
        "accounts.prices": Route("GET", "/v1/accounts/{name}/prices"),
        "accounts.set_prices": Route("PUT", "/v1/accounts/{name}/prices"),
        "prices.get": Route("GET", "/v1/prices"),
        "prices.set": Route("PUT", "/v1/prices"),
        "routes.list": Route("GET", "/v1/routes"),
        "routes.create": _once("POST", "/v1/routes"),
        "routes.get": Route("GET", "/v1/routes/{name}"),
        "routes.update": Route("PATCH", "/v1/routes/{name}"),
        "routes.delete": Route("DELETE", "/v1/routes/{name}"),
        "routes.explain": Route("POST", "/v1/routes/explain", reads=True),
        "vendors.list": Route("GET", "/v1/vendors"),
        "channels.list": Route("GET", "/v1/channels"),
        "channels.create": _once("POST", "/v1/channels"),
        "channels.get": Route("GET", "/v1/channels/{name}"),
        "channels.update": Route("PATCH", "/v1/channels/{name}"),
        "channels.delete": Route("DELETE", "/v1/channels/{name}"),
        "channels.drain": Route("POST", "/v1/channels/{name}/drain"),
        "channels.undrain": Route("POST", "/v1/channels/{name}/undrain"),
        "channels.rotate": Route("POST", "/v1/channels/{name}/rotate"),
        "channels.test": Route("POST", "/v1/channels/{name}/test", reads=True),
        "channels.balance": Route("GET", "/v1/channels/{name}/balance"),
        "channels.health": Route("GET", "/v1/channels/{name}/health"),
        "sandbox.messages": Route("GET", "/v1/sandbox/messages"),
        "errors.list": Route("GET", "/v1/errors", open=True),
        "errors.get": Route("GET", "/v1/errors/{name}", open=True),
        "activate": Route("POST", "/v1/activate", idempotent=True, open=True),
    }
)
"""The calls by name; a test compares them with the API's own description, `/openapi.json`."""
