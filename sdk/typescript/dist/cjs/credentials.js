"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.readCredentials = readCredentials;
exports.writeCredentials = writeCredentials;
exports.hideCredentials = hideCredentials;
const errors_js_1 = require("./errors.js");
async function readCredentials(path) {
    const file = await located(path).catch(() => undefined);
    if (file === undefined)
        return {};
    let text;
    try {
        text = await file.files.readFile(file.path, "utf8");
    }
    catch (failure) {
        const code = failure.code;
        if (code === "EACCES" || code === "EISDIR")
            throw damaged(file.path, `cannot be read (${code})`);
        return {};
    }
    return parsed(file.path, text);
}
async function writeCredentials(path, credentials) {
    const file = await located(path);
    const folder = file.paths.dirname(file.path);
    await file.files.mkdir(folder, { recursive: true, mode: 0o700 });
    if (path === undefined)
        await file.files.chmod(folder, 0o700);
    const draft = `${file.path}.${crypto.randomUUID()}`;
    try {
        await file.files.writeFile(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flag: "wx" });
        await file.files.rename(draft, file.path);
    }
    finally {
        await file.files.rm(draft, { force: true });
    }
    return file.path;
}
async function hideCredentials(path) {
    const file = await located(path);
    await file.files.chmod(file.path, 0o600).catch(() => undefined);
}
async function located(path) {
    const files = await builtIn("node:fs/promises");
    const paths = await builtIn("node:path");
    const home = await builtIn("node:os");
    return { files, paths, path: path ?? paths.join(home.homedir(), ".infrai", "credentials") };
}
async function builtIn(name) {
    return (await import(name));
}
function parsed(path, text) {
    let read;
    try {
        read = JSON.parse(text);
    }
    catch {
        throw damaged(path, "is not JSON");
    }
    if (typeof read !== "object" || read === null)
        throw damaged(path, "is not a JSON object");
    const { api_key, base_url } = read;
    return {
        ...(typeof api_key === "string" && { api_key }),
        ...(typeof base_url === "string" && { base_url }),
    };
}
function damaged(path, how) {
    return new errors_js_1.CredentialsUnreadable(`The credentials file ${path} ${how}.\nFix: remove it and call activate() again, or set POSTHOUSE_API_KEY.`);
}
