import type { Calls } from "./api/calls.js";
import type { Transport } from "./transport.js";
/** The table of calls as methods: `sms.send_batch` becomes `sms.sendBatch(…)`. */
export declare function surface(transport: Transport): Calls;
