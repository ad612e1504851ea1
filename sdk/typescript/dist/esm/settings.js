import { hideCredentials, readCredentials, writeCredentials } from "./credentials.js";
import { CredentialsMissing, InvalidSettings } from "./errors.js";
const BASE_URL = "http://127.0.0.1:8025";
export class Settings {
    #options;
    #key;
    #file;
    constructor(options) {
        if (options.apiKey)
            checkedKey(options.apiKey);
        if (options.baseUrl)
            checkedUrl(options.baseUrl);
        this.#options = options;
    }
    async apiKey() {
        const key = this.#key ??
            (this.#options.apiKey || fromEnvironment("API_KEY") || (await this.#stored()).api_key);
        if (!key)
            throw missing();
        return checkedKey(key);
    }
    async baseUrl() {
        const url = this.#options.baseUrl || fromEnvironment("BASE_URL") || (await this.#stored()).base_url || BASE_URL;
        return checkedUrl(url);
    }
    async takeKept() {
        const kept = await readCredentials(this.#options.credentialsFile);
        if (!kept.api_key || kept.base_url !== (await this.baseUrl()))
            return false;
        this.#key = kept.api_key;
        await hideCredentials(this.#options.credentialsFile);
        return true;
    }
    async keep(api_key) {
        this.#key = api_key;
        await writeCredentials(this.#options.credentialsFile, { api_key, base_url: await this.baseUrl() });
    }
    forget() {
        this.#key = undefined;
    }
    #stored() {
        this.#file ??= readCredentials(this.#options.credentialsFile).then((found) => {
            if (found.api_key === undefined)
                this.#file = undefined;
            return found;
        });
        return this.#file;
    }
}
function fromEnvironment(name) {
    const { process } = globalThis;
    try {
        return process?.env?.[`POSTHOUSE_${name}`]?.trim() || process?.env?.[`INFRAI_${name}`]?.trim();
    }
    catch {
        return undefined;
    }
}
function checkedKey(key) {
    if (/^[\x21-\x7e]+$/.test(key))
        return key;
    throw new InvalidSettings("The API key holds a space, a line break or a character that is not ASCII.\nFix: copy it again, without what surrounds it.");
}
function checkedUrl(text) {
    let url;
    try {
        url = new URL(text);
    }
    catch {
        url = undefined;
    }
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
        throw new InvalidSettings(`The base URL is not one that can be called.\nFix: give it as ${BASE_URL}, without user, query or fragment.`);
    }
    return url.href.replace(/\/+$/, "");
}
function missing() {
    return new CredentialsMissing("There is no API key: not in the arguments, in POSTHOUSE_API_KEY, in INFRAI_API_KEY, nor in ~/.infrai/credentials.\n" +
        "Fix: `await client.activate()` once on the server's machine opens a trial and keeps its key; " +
        "with a key of your own, export POSTHOUSE_API_KEY=ph_live_….");
}
