import {
  counter,
  createRegistry,
  listen,
  operations,
  type Clock,
  type Database,
  type Log,
  type ObjectConfiguration,
} from "@sluice/runtime";
import type { Quirks } from "@sluice/zendesk";
import type { OAuthClient } from "./account/access-token.ts";
import { createRecordsApp } from "./app.ts";
import type { Token } from "./caller.ts";
import { ensureObjects } from "./objects/ensure-objects.ts";
import { LIMITS } from "./limits.ts";
import type { OriginOptions } from "./origin.ts";
import { createStandIn, type StandInOptions } from "./stand-in/stand-in.ts";

export type RecordsOptions = {
  readonly database: Database;
  readonly tokens: readonly Token[];
  readonly port: number;
  readonly host?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Objects to be made where they are missing. */
  readonly objects?: Iterable<ObjectConfiguration>;
  readonly quirks?: Quirks;
  /** SLUICE_METRICS_TOKEN. */
  readonly metricsToken?: string | undefined;
  /** How the links of answers begin. */
  readonly origin?: OriginOptions;
  /** The programs that may fetch OAuth access tokens; unless given, `sluice` with the first token as its secret. */
  readonly clients?: readonly OAuthClient[];
  /** Makes the store behave as an account of Zendesk with this plan, for tests of clients of one: docs/stand-in.md. */
  readonly standIn?: StandInOptions | undefined;
};

export type RunningRecords = {
  readonly url: string;
  /** Lets requests under way finish. The database stays open. */
  close(deadlineMs?: number): Promise<void>;
};

/** Serves the API together with `/healthz`, `/readyz` and `/metrics`. */
export async function startRecords(options: RecordsOptions): Promise<RunningRecords> {
  const { database, tokens, port, host, clock, log, objects = [], quirks = {}, origin = {} } = options;
  const { clients = tokens.slice(0, 1).map(({ token, role }) => ({ id: "sluice", secret: token, role })) } = options;
  const standIn = options.standIn === undefined ? {} : { standIn: createStandIn(options.standIn, clock) };
  const registry = createRegistry();
  const olderRefused = counter(registry, "sluice_records_older_refused_total");
  const { app, store, jobs } = await createRecordsApp({
    database,
    tokens,
    clients,
    clock,
    log,
    quirks,
    origin,
    ...standIn,
    onOlderRefused: () => olderRefused.inc(),
    beside: operations({ registry, ready: () => ready(database), token: options.metricsToken }),
  });
  const made = await ensureObjects(store, objects);
  if (made.length > 0) log.info({ made }, "objects and fields made");
  const listening = await listen(app, { role: "records", port, host });
  const close = async (deadlineMs: number = LIMITS.shutdownDeadlineMs) => {
    await listening.close(deadlineMs);
    await jobs.close();
  };
  return { url: listening.url, close };
}

async function ready(database: Database): Promise<{ database: { ok: boolean } }> {
  await database.query("select 1");
  return { database: { ok: true } };
}
