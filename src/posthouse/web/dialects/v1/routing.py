"""The operator's routes: which messages go over which channels; and which way one would go."""

from typing import Any

import msgspec

from posthouse.core.errors import Code
from posthouse.core.ledger import from_micro
from posthouse.core.message import Lane
from posthouse.core.rules import Rule
from posthouse.services.explain import Explainer, Explanation, Question
from posthouse.services.routes import Routes
from posthouse.web.body import SMALL, Form
from posthouse.web.dialects.v1.guard import need_live
from posthouse.web.dialects.v1.records import Price
from posthouse.web.dialects.v1.routing_wire import (
    FAULTS,
    ExplainReply,
    ExplainRequest,
    LeftOut,
    RouteChanges,
    RouteRequest,
    RouteRow,
    RouteRows,
    Way,
)
from posthouse.web.endpoint import Call, Nothing, Route
from posthouse.web.idempotency import create
from posthouse.web.services import Services


class Routing:
    """The calls about routes."""

    def __init__(self, services: Services) -> None:
        self._submit = services.submit
        directory = services.directory
        self._routes = Routes(services.store, services.clock, directory.vendors)
        self._explainer = Explainer(services.store, directory, services.foresight)

    async def list(self, _call: Call[Nothing]) -> RouteRows:
        """All of them: there are never many."""
        return RouteRows([await self._row(rule) for rule in await self._routes.all()])

    async def create(self, call: Call[RouteRequest]) -> bytes:
        """Make a route."""
        need_live(call.caller)
        wanted = call.wanted
        fields = msgspec.structs.asdict(wanted)
        del fields["idempotency_key"]
        if fields["position"] is None:
            del fields["position"]
        rule = await self._routes.draft(fields.pop("name"), fields)
        reply = msgspec.json.encode(await self._row(rule))
        return await create(
            call, self._submit, "routes.create", reply, lambda once: self._routes.save(rule, once)
        )

    async def get(self, call: Call[Nothing]) -> RouteRow:
        """One route."""
        return await self._row(await self._routes.get(call.path["name"]))

    async def update(self, call: Call[RouteChanges]) -> RouteRow:
        """Change a route. Messages that wait go by it within a second."""
        need_live(call.caller)
        given = msgspec.structs.asdict(call.wanted)
        fields = {name: value for name, value in given.items() if value is not msgspec.UNSET}
        return await self._row(await self._routes.change(call.path["name"], fields))

    async def delete(self, call: Call[Nothing]) -> RouteRow:
        """Forget a route; answers what it was."""
        need_live(call.caller)
        return await self._row(await self._routes.drop(call.path["name"]))

    async def explain(self, call: Call[ExplainRequest]) -> ExplainReply:
        """Which way a message would go with a live key, by how the channels do now."""
        return of_explanation(await self._explainer.explain(question(call.wanted, call.caller.account.name)))

    async def _row(self, rule: Rule) -> RouteRow:
        return of_rule(rule, await self._routes.accounts(rule))


def of_rule(rule: Rule, accounts: list[str]) -> RouteRow:
    """A route as it is shown; `accounts` by their names."""
    when = rule.when
    return RouteRow(
        rule.name,
        rule.position,
        accounts,
        [lane.label for lane in sorted(when.purposes)],
        sorted(when.countries),
        list(when.prefixes),
        sorted(when.templates),
        None if when.hours is None else str(when.hours),
        list(rule.channels),
        rule.only,
        rule.receipt_within_s,
    )


def question(wanted: ExplainRequest, account: str) -> Question:
    """What is asked; `account`: in whose name where it does not say."""
    return Question(
        wanted.to,
        wanted.account or account,
        None if wanted.purpose is None else Lane.of(wanted.purpose),
        wanted.template_id,
        wanted.body,
        wanted.vendor,
    )


def of_explanation(found: Explanation) -> ExplainReply:
    """The answer, in our callers' words."""
    country, currency = found.number.country, found.account.currency
    candidates = found.decision.candidates
    steps = found.decision.steps
    whys = {step.channel: step.why for step in steps}
    chosen = candidates[0] if candidates else None

    def cost(micro: int) -> Price:
        return Price(from_micro(micro), currency)

    return ExplainReply(
        to=found.number.e164,
        country=country,
        account=found.account.name,
        purpose=found.lane.label,
        segments=found.parts,
        rule=found.decision.rule,
        channel=None if chosen is None else chosen.name,
        vendor=None if chosen is None else chosen.vendor,
        cost=None if chosen is None else cost(chosen.cost_in(country) * found.parts),
        candidates=[
            Way(each.name, each.vendor, cost(each.cost_in(country)), whys[each.name]) for each in candidates
        ],
        considered=[LeftOut(step.channel, step.why) for step in steps[len(candidates) :]],
    )


_NAME = {"name": "The route's name, as mainland-otp."}


def routes(services: Services) -> tuple[Route[Any], ...]:
    """The calls about routes."""
    routing = Routing(services)
    return (
        Route(
            method="GET",
            path="/v1/routes",
            name="routes.list",
            summary="All routes, in their order",
            form=Form(Nothing),
            handle=routing.list,
            reply=RouteRows,
            scope="routes:read",
        ),
        Route(
            method="POST",
            path="/v1/routes",
            name="routes.create",
            summary="Say which messages go over which channels",
            form=Form(RouteRequest, faults=FAULTS),
            handle=routing.create,
            reply=RouteRow,
            status=201,
            scope="routes:write",
            refusals=(
                Code.MISSING_FIELD,
                Code.ALREADY_EXISTS,
                Code.TOO_MANY,
                Code.NOT_FOUND,
                Code.UNKNOWN_VENDOR,
            ),
            idempotent=True,
            body_max=SMALL,
            example={
                "name": "mainland-otp",
                "purposes": ["otp"],
                "countries": ["CN"],
                "channels": ["sandbox"],
            },
        ),
        Route(
            method="GET",
            path="/v1/routes/{name}",
            name="routes.get",
            summary="Look a route up",
            form=Form(Nothing),
            handle=routing.get,
            reply=RouteRow,
            scope="routes:read",
            refusals=(Code.NOT_FOUND,),
            path_params=_NAME,
        ),
        Route(
            method="PATCH",
            path="/v1/routes/{name}",
            name="routes.update",
            summary="Change a route",
            form=Form(RouteChanges, faults=FAULTS),
            handle=routing.update,
            reply=RouteRow,
            scope="routes:write",
            refusals=(Code.MISSING_FIELD, Code.NOT_FOUND, Code.UNKNOWN_VENDOR),
            body_max=SMALL,
            path_params=_NAME,
            example={"channels": ["sandbox"], "hours": "09:00-21:00"},
        ),
        Route(
            method="DELETE",
            path="/v1/routes/{name}",
            name="routes.delete",
            summary="Forget a route",
            form=Form(Nothing),
            handle=routing.delete,
            reply=RouteRow,
            scope="routes:write",
            refusals=(Code.NOT_FOUND,),
            path_params=_NAME,
        ),
        Route(
            method="POST",
            path="/v1/routes/explain",
            name="routes.explain",
            summary="Which way a message would go, and why, without sending it",
            form=Form(ExplainRequest, faults=FAULTS),
            handle=routing.explain,
            reply=ExplainReply,
            scope="routes:read",
            refusals=(
                Code.NOT_FOUND,
                Code.INVALID_NUMBER,
                Code.INVISIBLE_CHARACTERS,
                Code.UNKNOWN_VENDOR,
                Code.VENDOR_NOT_CONFIGURED,
            ),
            example={"to": "+8613800138000", "purpose": "otp"},
        ),
    )
