import { hideCredentials, readCredentials, writeCredentials, type Credentials } from "./credentials.js";
import { CredentialsMissing, InvalidSettings } from "./errors.js";
import type { ClientOptions } from "./options.js";

const BASE_URL = "http://127.0.0.1:8025";

/** Where the server is and who calls: explicit arguments, then the environment, then the file. */
export class Settings {
  readonly #options: ClientOptions;
  #key: string | undefined;
  #file: Promise<Credentials> | undefined;

  /** Arguments that cannot be used are refused here; the file is read when first needed. */
  constructor(options: ClientOptions) {
    if (options.apiKey) checkedKey(options.apiKey);
    if (options.baseUrl) checkedUrl(options.baseUrl);
    this.#options = options;
  }

  /** Throws CredentialsMissing where there is none. */
  async apiKey(): Promise<string> {
    const key =
      this.#key ??
      (this.#options.apiKey || fromEnvironment("API_KEY") || (await this.#stored()).api_key);
    if (!key) throw missing();
    return checkedKey(key);
  }

  /** Without a slash at its end. */
  async baseUrl(): Promise<string> {
    const url = this.#options.baseUrl || fromEnvironment("BASE_URL") || (await this.#stored()).base_url || BASE_URL;
    return checkedUrl(url);
  }

  /** Go on with the key of the file, where it holds one for this server; whether it does. */
  async takeKept(): Promise<boolean> {
    const kept = await readCredentials(this.#options.credentialsFile);
    if (!kept.api_key || kept.base_url !== (await this.baseUrl())) return false;
    this.#key = kept.api_key;
    await hideCredentials(this.#options.credentialsFile);
    return true;
  }

  /** Go on with this key, and keep it in the file. */
  async keep(api_key: string): Promise<void> {
    this.#key = api_key;
    await writeCredentials(this.#options.credentialsFile, { api_key, base_url: await this.baseUrl() });
  }

  /** Go on with what was given, set or stored. */
  forget(): void {
    this.#key = undefined;
  }

  #stored(): Promise<Credentials> {
    // Kept only where something was found: a file that is written later counts too.
    this.#file ??= readCredentials(this.#options.credentialsFile).then((found) => {
      if (found.api_key === undefined) this.#file = undefined;
      return found;
    });
    return this.#file;
  }
}

function fromEnvironment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  try {
    return process?.env?.[`POSTHOUSE_${name}`]?.trim() || process?.env?.[`INFRAI_${name}`]?.trim();
  } catch {
    // Deno without leave to read the environment.
    return undefined;
  }
}

// Whatever the platform said about a bad header or address would repeat it; a key belongs in no text.
function checkedKey(key: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new InvalidSettings(
    "The API key holds a space, a line break or a character that is not ASCII.\nFix: copy it again, without what surrounds it.",
  );
}

function checkedUrl(text: string): string {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    url = undefined;
  }
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new InvalidSettings(
      `The base URL is not one that can be called.\nFix: give it as ${BASE_URL}, without user, query or fragment.`,
    );
  }
  return url.href.replace(/\/+$/, "");
}

function missing(): CredentialsMissing {
  return new CredentialsMissing(
    "There is no API key: not in the arguments, in POSTHOUSE_API_KEY, in INFRAI_API_KEY, nor in ~/.infrai/credentials.\n" +
      "Fix: `await client.activate()` once on the server's machine opens a trial and keeps its key; " +
      "with a key of your own, export POSTHOUSE_API_KEY=ph_live_….",
  );
}
