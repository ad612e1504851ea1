import type { ClientOptions } from "./options.js";
/** Where the server is and who calls: explicit arguments, then the environment, then the file. */
export declare class Settings {
    #private;
    /** Arguments that cannot be used are refused here; the file is read when first needed. */
    constructor(options: ClientOptions);
    /** Throws CredentialsMissing where there is none. */
    apiKey(): Promise<string>;
    /** Without a slash at its end. */
    baseUrl(): Promise<string>;
    /** Go on with the key of the file, where it holds one for this server; whether it does. */
    takeKept(): Promise<boolean>;
    /** Go on with this key, and keep it in the file. */
    keep(api_key: string): Promise<void>;
    /** Go on with what was given, set or stored. */
    forget(): void;
}
