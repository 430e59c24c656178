import { randomUUID } from "node:crypto";
import { inject, onTestFinished } from "vitest";
import type { History } from "@sluice/history";
import { openQueue, type Claim, type ClaimOrder, type Queue } from "@sluice/queue";
import type { MappedEvent } from "@sluice/record";
import { createLog, laneNames, readConfiguration, systemClock } from "@sluice/runtime";
import { startConsole } from "./start.ts";

/** A console on the run's real Redis, asked over HTTP as an operator, and the queue of a worker beside it. */
export type TestConsole = {
  readonly url: string;
  readonly queue: Queue;
  get(path: string): Promise<Answered>;
  post(path: string, body?: object): Promise<Answered>;
  /** The audit log, the newest act first. A page of it has what is found in a moment, which on a busy machine may be one act. */
  acts(query?: string): Promise<Answered["body"][]>;
  /** Makes changes as events of `erp` would: each with the next version, unless one is given. */
  admit(key: string, fields: Readonly<Record<string, unknown>>, version?: bigint): Promise<void>;
  /** Claims the due records, as a worker would. */
  claim(): Promise<readonly Claim[]>;
  /** Makes dead letters of events that a mapping failed on, all for one cause. */
  fail(ids: readonly string[], city?: string): Promise<void>;
};

// eslint-disable-next-line typescript/no-explicit-any
export type Answered = { readonly status: number; readonly body: any };

export const TEXT = `
sources:
  erp:
    scheme: generic-hmac
    secrets: [hush-hush-hush-hush]
    records:
      - when: type = "customer.updated"
        destination: crm
        object: customer
        external_id: data.id
        version: data.version
        fields: { tier: data.tier, city: data.city }
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:1/prefix", auth: { bearer: none }, requests_per_minute: 600 }
`;

const ORDER: ClaimOrder = {
  requests: 10,
  batch: 1,
  unused: 0,
  requestsPerMinute: 100_000,
  leaseMs: 60_000,
  passMs: 1000,
  jobs: 30,
  gatherMs: 0,
  credentials: "",
  remember: false,
  session: "s",
};

/** @param start starts the console in a way of the test's own */
export async function openConsole(
  text = TEXT,
  history: History | null = null,
  start = startConsole,
): Promise<TestConsole> {
  const configuration = readConfiguration(text, { path: "sluice.yaml", env: {} });
  const namespace = `console-${randomUUID()}`;
  const redisUrl = inject("redisUrl");
  const { dedupeWindowMs, orderingHorizonMs } = configuration;
  const queue = await openQueue({
    redisUrl,
    kind: "worker",
    destinations: laneNames(configuration),
    dedupeWindowMs,
    orderingHorizonMs,
    memoryBudget: configuration.redisMemoryBudget,
    namespace,
    onError() {},
  });
  onTestFinished(async () => await queue.close());
  const running = await start({
    configuration,
    redisUrl,
    port: 0,
    adminToken: "operator-token",
    version: "0.1.0",
    clock: systemClock,
    log: createLog({ role: "console", level: "silent" }),
    namespace,
    history,
  });
  onTestFinished(async () => await running.close());
  const ask = async (method: string, path: string, body?: object): Promise<Answered> => {
    const answer = await fetch(`${running.url}${path}`, {
      method,
      headers: { authorization: "Bearer operator-token", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const said = await answer.text();
    return { status: answer.status, body: said === "" ? null : JSON.parse(said) };
  };
  async function acts(query = ""): Promise<Answered["body"][]> {
    const all: Answered["body"][] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const { body } = await ask("GET", `/api/audit?${query}${cursor === "" ? "" : `&cursor=${cursor}`}`);
      all.push(...body.items);
      cursor = body.next;
    }
    return all;
  }
  let last = 0n;
  let micros = Date.now() * 1000;
  return {
    url: running.url,
    queue,
    get: async (path) => await ask("GET", path),
    post: async (path, body = {}) => await ask("POST", path, body),
    acts,
    async admit(key, fields, version) {
      last += 1n;
      micros += 1;
      const event = { id: `e${last}`, type: "customer.updated", time: null, source: "erp", data: null, headers: {} };
      const change = {
        destination: "crm",
        object: "customer",
        key: { by: "external_id", value: key },
        version: { kind: "integer", value: version ?? last },
        effect: { kind: "fields", fields: new Map(Object.entries(fields)) as never },
      } as const;
      const mapped: MappedEvent = {
        event,
        rank: 0,
        arrival: { micros, session: 1 },
        run: 0,
        changes: [change],
        faults: [],
      };
      await queue.merging.merge([mapped]);
    },
    async claim() {
      const claimed = await queue.lane("crm").claim(ORDER);
      return claimed.kind === "claimed" ? claimed.claims : [];
    },
    async fail(ids, city = "Ulm") {
      const fault = {
        destination: "crm",
        object: "customer",
        code: "mapping_failed",
        place: "sources.erp.records[0].version",
        expression: "data.version",
      } as const;
      const events = ids.map((id, at) => ({
        event: {
          id,
          type: "customer.updated",
          time: null,
          source: "erp",
          data: { id, version: `x-${at}`, tier: "gold", city },
          headers: {},
        },
        rank: 0,
        arrival: { micros: Date.now() * 1000 + at, session: 1 },
        run: 0,
        changes: [],
        faults: [{ ...fault, message: `"x-${at}" is no version` }],
      }));
      await queue.merging.merge(events);
    },
  };
}
