export { createRecordsApp, type RecordsApp, type RecordsAppOptions } from "./app.ts";
export type { Role, Token } from "./caller.ts";
export { ensureObjects } from "./objects/ensure-objects.ts";
export type { OriginOptions } from "./origin.ts";
export { startRecords, type RecordsOptions, type RunningRecords } from "./start.ts";
export type { Store } from "./store.ts";
export type { StandInOptions } from "./stand-in/stand-in.ts";
