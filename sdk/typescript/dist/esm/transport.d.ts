import { Call } from "./call.js";
import type { ClientOptions, RequestOptions } from "./options.js";
import { type Route } from "./route.js";
import type { Settings } from "./settings.js";
/** What one call says: ids for its path, and a body or a query. */
export interface Said {
    readonly ids?: readonly unknown[];
    readonly input?: object | undefined;
}
/** Makes the calls of one client. */
export declare class Transport {
    #private;
    constructor(settings: Settings, options: ClientOptions);
    /** Call a route; repeated where that is safe and may help. */
    call<T>(route: Route, said?: Said, request?: RequestOptions): Call<T>;
}
