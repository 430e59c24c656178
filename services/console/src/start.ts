import express from "express";
import { openQueue } from "@sluice/queue";
import {
  createRegistry,
  isLoopback,
  laneNames,
  listen,
  operations,
  SluiceError,
  type Clock,
  type Configuration,
  type Log,
} from "@sluice/runtime";
import { createConsoleApp } from "./app.ts";
import { LIMITS } from "./limits.ts";
import type { Session } from "./contract/session.ts";

export type ConsoleOptions = {
  readonly configuration: Configuration;
  readonly redisUrl: string;
  readonly port: number;
  readonly host?: string | undefined;
  /** Who may do everything; null: nobody was named, and only this machine may be listened to. */
  readonly adminToken: string | null;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly namespace?: string;
};

export type RunningConsole = {
  readonly url: string;
  use(configuration: Configuration): void;
  close(deadlineMs?: number): Promise<void>;
};

/**
 * Starts the console role: the operators' API together with `/healthz`, `/readyz` and `/metrics`.
 * @throws SluiceError `console_unprotected` without a token, beyond loopback
 */
export async function startConsole(options: ConsoleOptions): Promise<RunningConsole> {
  const { redisUrl, port, host = "127.0.0.1", adminToken, clock, log, version } = options;
  assertProtected(host, adminToken);
  let { configuration } = options;
  const queue = await openQueue({
    redisUrl,
    kind: "command",
    destinations: laneNames(configuration),
    dedupeWindowMs: configuration.dedupeWindowMs,
    orderingHorizonMs: configuration.orderingHorizonMs,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    onError: (error) => log.warn({ component: "queue", err: error }, error.message),
  });
  const surroundings = (): Omit<Session, "role" | "name"> => ({
    version,
    history: "off",
    sources: [...configuration.sources.keys()],
    destinations: [...configuration.destinations.keys()].map((name) => ({
      name,
      objects: objectsOf(configuration, name),
    })),
  });
  const tokens = adminToken === null ? [] : [{ token: adminToken, role: "operate", name: null } as const];
  const app = express();
  app.disable("x-powered-by");
  const ready = async () => ({ redis: { ok: true, detail: `${(await queue.ping()).toFixed(1)} ms` } });
  app.use(operations({ registry: createRegistry(), ready }), createConsoleApp({ tokens, clock, log, surroundings }));
  const listening = await listen(app, { role: "console", port, host });
  log.info({ url: listening.url }, "console ready");
  return {
    url: listening.url,
    use: (next) => void (configuration = next),
    async close(deadlineMs = LIMITS.shutdownDeadlineMs) {
      await listening.close(deadlineMs);
      await queue.close();
    },
  };
}

/** Whoever reaches an API without a token could read every customer and stop the flow. */
function assertProtected(host: string, adminToken: string | null): void {
  if (adminToken !== null || isLoopback(host)) return;
  throw new SluiceError(`the console would listen on ${host} and has no token`, {
    code: "console_unprotected",
    hint: "set SLUICE_ADMIN_TOKEN, or let it listen on 127.0.0.1",
  });
}

function objectsOf({ sources }: Configuration, destination: string): string[] {
  const mappings = [...sources.values()].flatMap((source) => source.mappings);
  return [
    ...new Set(mappings.filter((each) => each.destination === destination).map(({ object }) => object)),
  ].toSorted();
}
