import { openHistory, type History } from "@sluice/history";
import { openDatabase, type Configuration, type Database, type HistoryConfiguration, type Log } from "@sluice/runtime";
import type { Settings } from "../environment.ts";

export type HistoryHere = { readonly history: History; readonly limits: HistoryConfiguration };

/**
 * The history that these settings name; null: none is kept. Where it has no database of its own, `store` is the records store's database,
 * which another part of the process closes.
 */
export function historyHere(
  { history: limits }: Pick<Configuration, "history">,
  { historyUrl, dataDir }: Settings,
  store: Database | null,
  log: Log,
): HistoryHere | null {
  if (limits === false || limits === undefined) return null;
  const url = limits.databaseUrl ?? historyUrl;
  if (url === undefined && store === null) return null;
  const open = async (): Promise<Database> =>
    url === undefined ? await Promise.resolve(store!) : await openDatabase({ url, dataDir, log });
  const onAltered = (error: Error): void => log.error({ component: "history", err: error }, error.message);
  return { history: openHistory({ open, isOwn: url !== undefined, keys: limits.keys, onAltered }), limits };
}
