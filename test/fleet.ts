import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startIngress } from "@sluice/ingress";
import { startRecords, type StandInOptions } from "@sluice/records";
import { createLog, loadConfiguration, openDatabase, systemClock } from "@sluice/runtime";
import { startWorker, type RunningWorker, type WorkerOptions } from "@sluice/worker";
import { inject } from "vitest";
import { layEmptyPostgres } from "./empty-postgres.ts";

/** A whole Sluice in this process: real HTTP, the run's real Redis, a real Postgres; a namespace of its own. */
export type Fleet = {
  readonly ingress: string;
  readonly workers: readonly string[];
  readonly records: string;
  readonly token: string;
  /** Sends a Standard Webhooks event of the source `erp` (or another), waits for its outcome and yields the door's answer. */
  send(event: SentEvent, source?: string): Promise<{ status: number; body: DoorReport }>;
  /** Sends an event without waiting for a worker: the answer says that it is stored. */
  store(event: SentEvent): Promise<{ status: number }>;
  /** Resolves once nothing is pending; rejects after `deadlineMs`. */
  drained(deadlineMs?: number): Promise<Numbers>;
  numbers(): Promise<Numbers>;
  recordsOf(object: string): Promise<readonly StoredRecord[]>;
  /** Asks `/__control` of a store that stands in for Zendesk, and yields its state. */
  control(method: "GET" | "POST" | "PATCH" | "DELETE", what: string, body?: object): Promise<StandInState>;
  readonly namespace: string;
  /** Starts another worker in this process; the fleet ends it. */
  addWorker(): Promise<RunningWorker>;
  /** The settings of a worker in a process of its own (test/worker-process.ts). */
  readonly settings: {
    readonly path: string;
    readonly env: Readonly<Record<string, string>>;
    readonly namespace: string;
  };
  close(): Promise<void>;
};

export type SentEvent = { readonly id: string; readonly type: string; readonly data: object };
export type DoorReport = {
  accepted: number;
  duplicates?: number;
  events: { id: string; status: string }[];
  error?: { code: string; message: string; hint: string };
};
export type Numbers = {
  readonly accepted: number;
  /** Webhooks that are stored and not yet understood, and changes that are not yet written. */
  readonly pending: number;
  readonly outcomes: Readonly<Record<string, number>>;
};
export type StoredRecord = {
  readonly external_id: string | null;
  readonly name: string;
  readonly custom_object_fields: Readonly<Record<string, unknown>>;
};

export type StandInState = {
  readonly requests: {
    readonly counted: number;
    readonly refused: number;
    readonly mostInAnyMinute: number;
    /** The number of requests by kind, such as `POST jobs`. */
    readonly asked: Readonly<Record<string, number>>;
  };
  readonly tokensIssued: number;
  readonly jobs: { readonly live: number; readonly mostLive: number; readonly refused: number };
};
export type FleetOptions = {
  readonly workers?: number;
  /** Another sluice.yaml; `send` signs with `${FLEET_SECRET}`. */
  readonly text?: string;
  /** The store behaves as a Zendesk account, and the workers fetch access tokens of it. */
  readonly standIn?: StandInOptions;
  /** Where its workers archive to. */
  readonly history?: WorkerOptions["history"];
  /** More lines of the destination. */
  readonly destination?: string;
  /** Called with every line of the log, down to the finest. */
  readonly logTo?: (line: string) => void;
};

const SECRET = randomBytes(32);

/** Two senders of one object, so that partial updates of a record come from both. */
export const CONFIGURATION = `
sources:
${["erp", "shop"]
  .map(
    (name) => `
  ${name}:
    scheme: standard-webhooks
    secrets: ["whsec_${SECRET.toString("base64")}"]
    records:
      - when: type = "customer.updated"
        destination: crm
        object: customer
        external_id: "'c-' & $string(data.id)"
        name: data.name
        version: data.version
        fields: { tier: data.tier, balance: data.balance, city: data.city }
      - when: type = "customer.deleted"
        destination: crm
        object: customer
        external_id: "'c-' & $string(data.id)"
        version: data.version
        delete: true`,
  )
  .join("")}
destinations:
  crm:
    kind: zendesk
    url: "\${RECORDS_URL}"
    auth: { bearer: "\${SLUICE_RECORDS_TOKEN}" }
    concurrency: 4
    requests_per_minute: 60000
objects:
  customer:
    title: Customer
    title_pluralized: Customers
    fields:
      tier: { type: text, title: Tier }
      balance: { type: decimal, title: Balance }
      city: { type: text, title: City }
`;

const BEARER = `auth: { bearer: "\${SLUICE_RECORDS_TOKEN}" }`;

export async function startFleet({
  history,
  workers = 1,
  text = CONFIGURATION,
  standIn,
  destination = "",
  logTo,
}: FleetOptions = {}): Promise<Fleet> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-fleet-"));
  const log =
    logTo === undefined
      ? createLog({ role: "test", level: "silent" })
      : createLog({ role: "test", level: "trace", to: { write: logTo } });
  const clock = systemClock;
  const token = randomUUID();
  const path = join(dataDir, "sluice.yaml");
  const oauth = `auth: { oauth: { client_id: sluice, client_secret: "\${SLUICE_RECORDS_TOKEN}" } }`;
  const auth = standIn === undefined ? BEARER : oauth;
  writeFileSync(path, text.replace(BEARER, destination === "" ? auth : `${auth}\n${destination}`));
  const namespace = `fleet-${randomUUID()}`;
  const redisUrl = inject("redisUrl");
  // The store's own objects are needed before its address is known.
  const env = { SLUICE_RECORDS_TOKEN: token, FLEET_SECRET: `whsec_${SECRET.toString("base64")}` };
  const { objects } = await loadConfiguration({ path, env: { ...env, RECORDS_URL: "http://127.0.0.1:1" } });
  layEmptyPostgres(dataDir);
  const database = await openDatabase({ dataDir, log });
  const records = await startRecords({
    database,
    tokens: [{ token, role: "admin" }],
    port: 0,
    clock,
    log,
    objects: objects.values(),
    standIn,
  });
  const configuration = await loadConfiguration({ path, env: { ...env, RECORDS_URL: records.url } });
  const role = { configuration, redisUrl, port: 0, clock, log, namespace };
  const working = { ...role, history: history ?? null };
  const running = await Promise.all(Array.from({ length: workers }, async () => await startWorker(working)));
  const ingress = await startIngress(role);

  const numbers = async (): Promise<Numbers> => {
    const texts = await Promise.all(
      [ingress.url, ...running.map(({ url }) => url)].map(async (url) => await (await fetch(`${url}/metrics`)).text()),
    );
    return readNumbers(texts.join("\n"));
  };
  return {
    ingress: ingress.url,
    get workers() {
      return running.map(({ url }) => url);
    },
    records: records.url,
    token,
    async send({ id, type, data }, source = "erp") {
      const request = awaiting(signed(id, JSON.stringify({ type, data })));
      const response = await fetch(`${ingress.url}/webhooks/${source}`, request);
      const said = await response.text();
      if (said === "") throw new Error(`the door answered ${response.status} without a body`);
      return { status: response.status, body: JSON.parse(said) as DoorReport };
    },
    async store({ id, type, data }) {
      const request = signed(id, JSON.stringify({ type, data }));
      const response = await fetch(`${ingress.url}/webhooks/erp`, request);
      await response.arrayBuffer();
      return response;
    },
    numbers,
    async drained(deadlineMs = 300_000) {
      const end = performance.now() + deadlineMs;
      for (;;) {
        const seen = await numbers();
        if (seen.pending === 0) return seen;
        if (performance.now() > end) {
          const ready = await Promise.all(running.map(async ({ url }) => await (await fetch(`${url}/readyz`)).text()));
          throw new Error(`still pending after ${deadlineMs} ms: ${JSON.stringify(seen)}\n${ready.join("\n")}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    namespace,
    async addWorker() {
      const worker = await startWorker(working);
      running.push(worker);
      return worker;
    },
    settings: { path, env: { ...env, RECORDS_URL: records.url }, namespace },
    async control(method, what, body) {
      const answer = await fetch(`${records.url}/__control${what}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`the stand-in's control answered ${answer.status}: ${await answer.text()}`);
      return (await answer.json()) as StandInState;
    },
    async recordsOf(object) {
      const all: StoredRecord[] = [];
      let next: string | null = `${records.url}/api/v2/custom_objects/${object}/records?page[size]=100`;
      while (next !== null) {
        const response: Response = await fetch(next, { headers: { authorization: `Bearer ${token}` } });
        const page = (await response.json()) as {
          custom_object_records: StoredRecord[];
          links: { next: string | null };
        };
        all.push(...page.custom_object_records);
        next = page.links.next;
      }
      return all;
    },
    async close() {
      await ingress.close(1000);
      await Promise.all(running.map(async (worker) => await worker.close(1000)));
      await records.close(1000);
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export type SignedRequest = { method: string; headers: Record<string, string>; body: string };

/** The same request from a sender that waits until its event is understood: without a worker, for ten seconds. */
export function awaiting(request: SignedRequest): SignedRequest {
  return { ...request, headers: { ...request.headers, prefer: "wait=10" } };
}

/** The request that a Standard Webhooks sender makes. */
export function signed(id: string, body: string, secret: Buffer = SECRET): SignedRequest {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64");
  return {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${signature}`,
    },
    body,
  };
}

function readNumbers(metrics: string): Numbers {
  const sum = (name: string, label = ""): number =>
    metrics
      .split("\n")
      .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(label))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(" "))), 0);
  const outcomes = ["applied", "merged", "superseded", "unchanged", "dead", "discarded"];
  return {
    accepted: sum("sluice_changes_accepted_total"),
    pending: sum("sluice_pending_changes") + sum("sluice_intake_waiting_webhooks"),
    outcomes: Object.fromEntries(
      outcomes.map((outcome) => [outcome, sum("sluice_outcomes_total", `outcome="${outcome}"`)]),
    ),
  };
}
