import { CredentialsUnreadable } from "./errors.js";

// The one part that needs files. Its modules are loaded when it is called, by a name that bundlers do not
// follow, so that the rest runs where there are none.

/** What the credentials file holds. */
export interface Credentials {
  readonly api_key?: string;
  readonly base_url?: string;
}

interface Files {
  chmod(path: string, mode: number): Promise<void>;
  mkdir(path: string, options: { recursive: boolean; mode: number }): Promise<unknown>;
  readFile(path: string, encoding: "utf8"): Promise<string>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: boolean }): Promise<void>;
  writeFile(path: string, text: string, options: { mode: number; flag: string }): Promise<void>;
}

interface Paths {
  dirname(path: string): string;
  join(...parts: string[]): string;
}

/** Read the file; empty where there is none, or no file system. Throws CredentialsUnreadable where it is damaged. */
export async function readCredentials(path: string | undefined): Promise<Credentials> {
  const file = await located(path).catch(() => undefined);
  if (file === undefined) return {};
  let text: string;
  try {
    text = await file.files.readFile(file.path, "utf8");
  } catch (failure) {
    const code = (failure as { code?: string }).code;
    // ENOSYS and the like: runtimes that have the module and no files.
    if (code === "EACCES" || code === "EISDIR") throw damaged(file.path, `cannot be read (${code})`);
    return {};
  }
  return parsed(file.path, text);
}

/** Write the file, 0600 in a directory of 0700: wholly or not at all. */
export async function writeCredentials(path: string | undefined, credentials: Credentials): Promise<string> {
  const file = await located(path);
  const folder = file.paths.dirname(file.path);
  await file.files.mkdir(folder, { recursive: true, mode: 0o700 });
  // A folder of the caller's choice may be meant for others too; ours is not.
  if (path === undefined) await file.files.chmod(folder, 0o700);
  const draft = `${file.path}.${crypto.randomUUID()}`;
  try {
    await file.files.writeFile(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    await file.files.rename(draft, file.path);
  } finally {
    await file.files.rm(draft, { force: true });
  }
  return file.path;
}

/** Close a file that somebody else may have made to all but its user, as far as that can be done. */
export async function hideCredentials(path: string | undefined): Promise<void> {
  const file = await located(path);
  await file.files.chmod(file.path, 0o600).catch(() => undefined);
}

async function located(path: string | undefined): Promise<{ files: Files; paths: Paths; path: string }> {
  const files = await builtIn<Files>("node:fs/promises");
  const paths = await builtIn<Paths>("node:path");
  const home = await builtIn<{ homedir(): string }>("node:os");
  return { files, paths, path: path ?? paths.join(home.homedir(), ".infrai", "credentials") };
}

async function builtIn<T>(name: string): Promise<T> {
  return (await import(name)) as T;
}

function parsed(path: string, text: string): Credentials {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw damaged(path, "is not JSON");
  }
  if (typeof read !== "object" || read === null) throw damaged(path, "is not a JSON object");
  const { api_key, base_url } = read as Record<string, unknown>;
  return {
    ...(typeof api_key === "string" && { api_key }),
    ...(typeof base_url === "string" && { base_url }),
  };
}

function damaged(path: string, how: string): CredentialsUnreadable {
  return new CredentialsUnreadable(
    `The credentials file ${path} ${how}.\nFix: remove it and call activate() again, or set POSTHOUSE_API_KEY.`,
  );
}
