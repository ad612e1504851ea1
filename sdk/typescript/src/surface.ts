import type { Calls } from "./api/calls.js";
import { ROUTES } from "./api/routes.js";
import type { Call } from "./call.js";
import { Listing, type Page } from "./listing.js";
import type { RequestOptions } from "./options.js";
import { idCount, type Route } from "./route.js";
import type { Transport } from "./transport.js";

/** The table of calls as methods: `sms.send_batch` becomes `sms.sendBatch(…)`. */
export function surface(transport: Transport): Calls {
  const built: Group = {};
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const groups = name.split(".").map(camel);
    const method = groups.pop() as string;
    const group = groups.reduce<Group>((outer, inner) => (outer[inner] ??= {}) as Group, built);
    group[method] = caller(transport, route);
  }
  // The table and this interface are generated from the same document.
  return built as unknown as Calls;
}

interface Group {
  [name: string]: Group | Method;
}

type Method = (...said: unknown[]) => unknown;

// (ids…, body or query where there is one, options of the request)
function caller(transport: Transport, route: Route): Method {
  const count = idCount(route.path);
  return (...said) => {
    const ids = said.slice(0, count);
    const input = route.input && (said[count] as object | undefined);
    const request = said[count + (route.input ? 1 : 0)] as RequestOptions | undefined;
    const call = (more?: object): Call<never> => transport.call(route, { ids, input: more ? { ...input, ...more } : input }, request);
    return route.paged ? new Listing((cursor) => call(cursor === undefined ? undefined : { cursor }) as Call<Page<unknown>>) : call();
  };
}

function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
