/** What the credentials file holds. */
export interface Credentials {
    readonly api_key?: string;
    readonly base_url?: string;
}
/** Read the file; empty where there is none, or no file system. Throws CredentialsUnreadable where it is damaged. */
export declare function readCredentials(path: string | undefined): Promise<Credentials>;
/** Write the file, 0600 in a directory of 0700: wholly or not at all. */
export declare function writeCredentials(path: string | undefined, credentials: Credentials): Promise<string>;
/** Close a file that somebody else may have made to all but its user, as far as that can be done. */
export declare function hideCredentials(path: string | undefined): Promise<void>;
