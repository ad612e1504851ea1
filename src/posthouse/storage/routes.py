"""The operator's routing rules."""

from sqlalchemy import bindparam, delete, func, insert, select, update

from posthouse.core.errors import Code, Refusal
from posthouse.core.ports.routes import DropRoute, ListRoutes, SaveRoute
from posthouse.core.rules import RULES_MAX, Rule, as_json, from_json
from posthouse.storage import idempotency
from posthouse.storage.counters import raising_version
from posthouse.storage.group import Group
from posthouse.storage.schema import routes
from posthouse.storage.tx import Statement, Tx

_ALL = Statement(
    select(routes.c.id, routes.c.name, routes.c.position, routes.c.rule).order_by(
        routes.c.position, routes.c.id
    )
)
_COUNT = Statement(select(func.count()).select_from(routes))
_NAMED = Statement(select(routes.c.id).where(routes.c.name == bindparam("wanted")), "wanted")
_ADD = Statement(insert(routes), "name", "position", "rule", "created_at", "updated_at")
_SAVE = Statement(
    update(routes)
    .ordered_values(
        (routes.c.position, bindparam("new_position")),
        (routes.c.rule, bindparam("new_rule")),
        (routes.c.updated_at, bindparam("at")),
    )
    .where(routes.c.id == bindparam("wanted")),
    "new_position",
    "new_rule",
    "at",
    "wanted",
)
_DROP = Statement(delete(routes).where(routes.c.name == bindparam("wanted")), "wanted")


@raising_version
def save_route(group: Group, command: SaveRoute) -> bytes | None:
    """Store a rule under a name that no other has, or anew."""
    tx, rule, once = group.tx, command.rule, command.once
    if once is not None and (replayed := idempotency.reply(tx, once)) is not None:
        return replayed
    if rule.id:
        if not tx.run(_SAVE, rule.position, as_json(rule), command.at, rule.id):
            raise Refusal(Code.NOT_FOUND, resource="route")
    else:
        if tx.row(_NAMED, rule.name) is not None:
            raise Refusal(Code.ALREADY_EXISTS, param="name", resource="route")
        counted = tx.row(_COUNT)
        if counted is not None and counted[0] >= RULES_MAX:
            raise Refusal(Code.TOO_MANY, limit=RULES_MAX)
        tx.run(_ADD, rule.name, rule.position, as_json(rule), command.at, command.at)
    idempotency.keep(tx, once, command.at)
    return None


@raising_version
def drop_route(group: Group, command: DropRoute) -> None:
    """Delete it."""
    if not group.tx.run(_DROP, command.name):
        raise Refusal(Code.NOT_FOUND, resource="route")


def list_routes(tx: Tx, _query: ListRoutes) -> list[Rule]:
    """By position; of one position, oldest first."""
    return [from_json(*row) for row in tx.rows(_ALL)]
