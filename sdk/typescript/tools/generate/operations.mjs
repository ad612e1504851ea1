// The operations of an OpenAPI document, as the client sees them.

// The developer platform's document and both clients call these so; both names work.
const ALIASES = { "sms.get": "sms.status", "sms.batch": "sms.send_batch" };

// Both clients say it in fewer words.
const SHORTER = {
  "guard.blocks.list": "guard.blocks",
  "guard.blocks.create": "guard.block",
  "guard.blocks.delete": "guard.unblock",
  "guard.safe.list": "guard.safe",
  "guard.safe.create": "guard.add_safe",
  "guard.safe.delete": "guard.remove_safe",
};

// They ask or compute and store nothing, so repeating them is as safe as repeating a GET.
const PURE = new Set(["sms.estimate", "templates.preview", "routes.explain", "channels.test"]);

/** [{name, alias?, group, method, path, ids, input, required, body?, query, reply, item, paged, repeat, open, summary, scope}] */
export function operations(spec) {
  const found = [];
  for (const [path, item] of Object.entries(spec.paths)) {
    for (const [verb, operation] of Object.entries(item)) {
      if (operation.operationId !== undefined) {
        found.push(describe(spec, path, verb.toUpperCase(), operation));
      }
    }
  }
  return found.flatMap((one) => (one.name in ALIASES ? [one, { ...one, name: ALIASES[one.name] }] : [one]));
}

function describe(spec, path, method, operation) {
  const name = SHORTER[operation.operationId] ?? operation.operationId;
  const parameters = operation.parameters ?? [];
  const query = parameters.filter((one) => one.in === "query");
  const body = operation.requestBody?.content["application/json"]?.schema;
  const reply = replySchema(operation);
  const item = itemOf(spec, name, reply);
  const keyed = parameters.some((one) => one.in === "header" && one.name === "Idempotency-Key");
  return {
    name,
    group: name.split(".")[0],
    method,
    path,
    ids: [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]),
    input: body !== undefined ? "body" : query.length > 0 ? "query" : null,
    required: body !== undefined ? operation.requestBody.required === true : query.some((one) => one.required),
    body,
    query,
    reply,
    item,
    paged: item !== undefined,
    repeat: repeatable(name, method, keyed),
    open: operation.security?.length === 0,
    summary: operation.summary ?? "",
    scope: /scope `([^`]+)`/.exec(operation.description ?? "")?.[1],
  };
}

function repeatable(name, method, keyed) {
  if (["GET", "PUT", "DELETE"].includes(method) || PURE.has(name)) return "safe";
  return keyed ? "keyed" : "never";
}

function replySchema(operation) {
  const [status, good] = Object.entries(operation.responses).find(([status]) => status.startsWith("2")) ?? [];
  return status === "204" ? undefined : good?.content?.["application/json"]?.schema;
}

// What a page of a list holds; undefined where the reply is no page. A list may be short enough for one.
function itemOf(spec, name, reply) {
  const page = spec.components.schemas[reply?.$ref?.split("/").pop()]?.properties ?? {};
  const whole = name.endsWith(".list") && Object.keys(page).join() === "data";
  return "next_cursor" in page || whole ? page.data.items : undefined;
}
