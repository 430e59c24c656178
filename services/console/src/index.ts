export { startConsole, type ConsoleOptions, type RunningConsole } from "./start.ts";
export type { Reconcile } from "./contract/reconcile.ts";
export type { Issue } from "./contract/issue.ts";
export type { DestinationNow, Now } from "./contract/now.ts";
export type { Replay } from "./contract/replay.ts";
