import { ROUTES } from "./api/routes.js";
import { Listing } from "./listing.js";
import { idCount } from "./route.js";
export function surface(transport) {
    const built = {};
    for (const [name, route] of Object.entries(ROUTES)) {
        const groups = name.split(".").map(camel);
        const method = groups.pop();
        const group = groups.reduce((outer, inner) => (outer[inner] ??= {}), built);
        group[method] = caller(transport, route);
    }
    return built;
}
function caller(transport, route) {
    const count = idCount(route.path);
    return (...said) => {
        const ids = said.slice(0, count);
        const input = route.input && said[count];
        const request = said[count + (route.input ? 1 : 0)];
        const call = (more) => transport.call(route, { ids, input: more ? { ...input, ...more } : input }, request);
        return route.paged ? new Listing((cursor) => call(cursor === undefined ? undefined : { cursor })) : call();
    };
}
function camel(name) {
    return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}
