"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.surface = surface;
const routes_js_1 = require("./api/routes.js");
const listing_js_1 = require("./listing.js");
const route_js_1 = require("./route.js");
function surface(transport) {
    const built = {};
    for (const [name, route] of Object.entries(routes_js_1.ROUTES)) {
        const groups = name.split(".").map(camel);
        const method = groups.pop();
        const group = groups.reduce((outer, inner) => (outer[inner] ??= {}), built);
        group[method] = caller(transport, route);
    }
    return built;
}
function caller(transport, route) {
    const count = (0, route_js_1.idCount)(route.path);
    return (...said) => {
        const ids = said.slice(0, count);
        const input = route.input && said[count];
        const request = said[count + (route.input ? 1 : 0)];
        const call = (more) => transport.call(route, { ids, input: more ? { ...input, ...more } : input }, request);
        return route.paged ? new listing_js_1.Listing((cursor) => call(cursor === undefined ? undefined : { cursor })) : call();
    };
}
function camel(name) {
    return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}
