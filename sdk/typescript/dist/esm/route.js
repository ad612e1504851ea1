export function route(method, path, repeat, more = {}) {
    return { method, path, repeat, ...more };
}
export function filled(path, ids) {
    let next = 0;
    return path.replace(/\{(\w+)\}/g, (_, name) => {
        const id = ids[next++];
        if (typeof id !== "string" || /^\.{0,2}$/.test(id)) {
            throw new TypeError(`'${name}' must be a text that names something`);
        }
        return encodeURIComponent(id);
    });
}
export function idCount(path) {
    return path.split("{").length - 1;
}
