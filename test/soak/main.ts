import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { benchPostgres } from "../bench/records/postgres.ts";
import { signed } from "../fleet.ts";
import { startCluster } from "../redis-cluster.ts";
import { findRedisPrograms, NO_PROGRAM } from "../redis-programs.ts";
import { freePort, startSluice, type SluiceProcess } from "../sluice-process.ts";
import { wholeNumber } from "../whole-number.ts";
import { quantileOf, slopePerHour, type Point } from "./slope.ts";

/*
 * An hour at half of what a fleet takes: `pnpm soak`. Two doors, four workers, a Redis Cluster of six servers, two record stores on one Postgres,
 * each a process of its own. Each minute is a line with latencies and memory; in the end every record is read back and compared. It needs
 * `redis-server` and Postgres' programs on this machine, and ends by itself.
 */

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    /** Events a second; without it, half of what was taken in the first 20 s. */
    rate: { type: "string" },
    records: { type: "string", default: "5000" },
  },
});
const minutes = wholeNumber("minutes", values.minutes, 1440);
const records = wholeNumber("records", values.records, 1_000_000);

const SECRET = Buffer.from("a secret of the soak, 32 bytes..");
const AT_ONCE = 32;
const MEASURED_MS = 20_000;
const DRAIN_DEADLINE_MS = 600_000;
const MB = 1024 ** 2;

const folder = mkdtempSync(join(tmpdir(), "sluice-soak-"));
const programs = await findRedisPrograms();
if (programs === null) throw new Error(NO_PROGRAM);
const postgres = await benchPostgres(undefined);
const started: { readonly name: string; readonly url: string; readonly process: SluiceProcess }[] = [];
const token = randomUUID();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void end().finally(() => process.exit(1)));
try {
  process.exitCode = (await soak()) ? 0 : 1;
} finally {
  await end();
}

async function end(): Promise<void> {
  await Promise.allSettled(started.map(async ({ process: each }) => await each.end("SIGTERM")));
  await programs?.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** @returns whether no event was lost */
async function soak(): Promise<boolean> {
  const cluster = await startCluster(programs!);
  const env = { SLUICE_REDIS_URL: cluster.url, SLUICE_DATABASE_URL: postgres.url, SLUICE_RECORDS_TOKEN: token };
  const config = join(folder, "sluice.yaml");
  // The stores need the configuration for their objects, and it needs their addresses.
  const ports = [await freePort(), await freePort()];
  writeFileSync(config, configurationOf(ports.map((port) => `http://127.0.0.1:${port}`)));
  const start = async (role: string, number: number, port: number): Promise<string> => {
    const own = {
      ...env,
      SLUICE_CONFIG: config,
      SLUICE_DATA_DIR: join(folder, `${role}-${number}`),
      [`SLUICE_${role.toUpperCase()}_PORT`]: String(port),
      SLUICE_LOG: "warn",
    };
    const each = startSluice([role], own);
    const url = `http://127.0.0.1:${port}`;
    started.push({ name: `${role} ${number}`, url, process: each });
    await each.ready(port);
    return url;
  };
  // The first store makes the tables.
  const stores = [await start("records", 1, ports[0]!), await start("records", 2, ports[1]!)];
  const doors = await Promise.all([1, 2].map(async (number) => await start("ingress", number, await freePort())));
  const workers = await Promise.all(
    [1, 2, 3, 4].map(async (number) => await start("worker", number, await freePort())),
  );

  const fleet = [...doors, ...workers];

  /** The last revision of each record that a door acknowledged. */
  const acknowledged = new Map<string, number>();
  let revision = 0;
  let refused = 0;
  let latencies: number[] = [];
  const send = async (): Promise<void> => {
    revision += 1;
    const own = revision;
    const source = own % 2 === 0 ? "east" : "west";
    const id = `${source}-${own % records}`;
    const body = JSON.stringify({ type: "customer.updated", data: { id, name: id, revision: own } });
    const request = signed(`event-${own}`, body, SECRET);
    const begun = performance.now();
    // A sender that hears anything but 202 sends again.
    for (let asked = 0; ; asked += 1) {
      const door = doors[(own + asked) % doors.length]!;
      const status = await fetch(`${door}/webhooks/${source}`, request).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.status;
        },
        () => 0,
      );
      if (status === 202) break;
      refused += 1;
      await wait(200);
    }
    latencies.push(performance.now() - begun);
    acknowledged.set(id, Math.max(acknowledged.get(id) ?? 0, own));
  };

  const rate = values.rate === undefined ? await halfOfTheMost(send, fleet) : wholeNumber("rate", values.rate, 100_000);
  console.log(`${rate} events/s for ${minutes} minutes, over ${records} records at two stores`);
  const memory = new Map<string, Point[]>();
  const remember = (name: string, bytes: number): void => {
    memory.set(name, [...(memory.get(name) ?? []), { atMs: performance.now(), value: bytes / MB }]);
  };
  let before = await bucketsOf(workers);
  const begun = performance.now();
  const sending = new Set<Promise<void>>();
  let due = 0;
  for (let minute = 1; minute <= minutes; minute += 1) {
    latencies = [];
    refused = 0;
    const sentBefore = revision;
    while (performance.now() < begun + minute * 60_000) {
      for (; due < ((performance.now() - begun) / 1000) * rate; due += 1) {
        const one: Promise<void> = send().finally(() => sending.delete(one));
        sending.add(one);
      }
      await wait(5);
    }
    for (const { name, url } of started) remember(name, valueOf(await metricsOf(url), "process_resident_memory_bytes"));
    for (const [at, { admin }] of cluster.servers.entries()) {
      remember(`redis ${at + 1}`, Number(/^used_memory:(\d+)/m.exec(await admin.info("memory"))?.[1]));
    }
    const after = await bucketsOf(workers);
    const buckets = new Map([...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]));
    before = after;
    const sorted = latencies.toSorted((a, b) => a - b);
    const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(0);
    const shown = [...groups(memory)].map(([name, points]) => `${name} ${points.at(-1)!.value.toFixed(0)}`).join(", ");
    console.log(
      `minute ${minute}: ${revision - sentBefore} sent, ${refused} sent again, ${await pendingAt(fleet)} pending; 202 after ${at(0.5)} ms (p99 ${at(0.99)}); written within ${quantileOf(buckets, 0.5)} s (p99 ${quantileOf(buckets, 0.99)}); MB: ${shown}`,
    );
  }
  await Promise.all(sending);
  await drained(fleet);
  for (const [name, points] of groups(memory)) {
    // The first two minutes are compiling and filling.
    const settled = points.filter(({ atMs }) => atMs > begun + 150_000);
    console.log(
      `memory of ${name}: ${settled.length < 3 ? "too short to tell" : `${slopePerHour(settled).toFixed(1)} MB an hour`}`,
    );
  }
  const found = new Map([...(await revisionsOf(stores[0]!))]);
  const lost = [...acknowledged].filter(([id, last]) => found.get(id) !== last);
  console.log(
    `${acknowledged.size} records of ${revision} events compared, ${lost.length} lost${lost.length > 0 ? `: ${JSON.stringify(lost.slice(0, 5))}` : ""}`,
  );
  return lost.length === 0;
}

/** Sends as fast as answers come, and waits until all is written: half of the mean rate. */
async function halfOfTheMost(send: () => Promise<void>, fleet: readonly string[]): Promise<number> {
  const begun = performance.now();
  let sent = 0;
  const sender = async (): Promise<void> => {
    for (; performance.now() < begun + MEASURED_MS; sent += 1) await send();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  await drained(fleet);
  const seconds = (performance.now() - begun) / 1000;
  console.log(`${sent} events were taken and written within ${seconds.toFixed(0)} s`);
  return Math.max(1, Math.floor(sent / seconds / 2));
}

async function drained(fleet: readonly string[]): Promise<void> {
  const deadline = performance.now() + DRAIN_DEADLINE_MS;
  for (let none = 0; none < 2; await wait(250)) {
    none = (await pendingAt(fleet)) === 0 ? none + 1 : 0;
    if (performance.now() > deadline) throw new Error(`not all was written after ${DRAIN_DEADLINE_MS} ms`);
  }
}

/** Webhooks that are not understood and changes that are not written, by the one process that shows them; while none does, unknown. */
async function pendingAt(fleet: readonly string[]): Promise<number> {
  const texts = await Promise.all(fleet.map(metricsOf));
  const shown = texts.find((text) => text.includes("\nsluice_pending_changes{"));
  if (shown === undefined) return NaN;
  return valueOf(shown, "sluice_pending_changes") + valueOf(shown, "sluice_intake_waiting_webhooks");
}

async function bucketsOf(workers: readonly string[]): Promise<ReadonlyMap<number, number>> {
  const buckets = new Map<number, number>();
  for (const text of await Promise.all(workers.map(metricsOf))) {
    for (const [, bound = "", count] of text.matchAll(
      /^sluice_event_to_record_seconds_bucket\{le="([^"]+)".*\} (\d+)$/gm,
    )) {
      const upTo = bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound);
      buckets.set(upTo, (buckets.get(upTo) ?? 0) + Number(count));
    }
  }
  return buckets;
}

async function metricsOf(url: string): Promise<string> {
  return await (await fetch(`${url}/metrics`)).text();
}

function valueOf(text: string, name: string): number {
  const rows = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"))];
  return rows.reduce((sum, [, value]) => sum + Number(value), 0);
}

/** Points of the processes of one role, summed. */
function groups(memory: ReadonlyMap<string, readonly Point[]>): ReadonlyMap<string, readonly Point[]> {
  const all = new Map<string, Point[]>();
  for (const [name, points] of memory) {
    const role = name.replace(/ \d+$/, "");
    const before = all.get(role);
    all.set(
      role,
      points.map((point, at) => ({ ...point, value: point.value + (before?.[at]?.value ?? 0) })),
    );
  }
  return all;
}

async function revisionsOf(store: string): Promise<ReadonlyMap<string, number>> {
  const all = new Map<string, number>();
  for (let next: string | null = `${store}/api/v2/custom_objects/customer/records?page[size]=100`; next !== null;) {
    const answer: Response = await fetch(next, { headers: { authorization: `Bearer ${token}` } });
    const page = (await answer.json()) as Page;
    for (const { external_id, custom_object_fields } of page.custom_object_records) {
      all.set(external_id, Number(custom_object_fields.revision));
    }
    next = page.links.next;
  }
  return all;
}

type Page = {
  readonly custom_object_records: readonly {
    readonly external_id: string;
    readonly custom_object_fields: { readonly revision: unknown };
  }[];
  readonly links: { readonly next: string | null };
};

function configurationOf(stores: readonly string[]): string {
  const names = ["east", "west"];
  const sources = names.map(
    (name) => `  ${name}:
    scheme: standard-webhooks
    secrets: ["whsec_${SECRET.toString("base64")}"]
    records:
      - { destination: ${name}, object: customer, external_id: data.id, name: data.name, version: data.revision, fields: { revision: data.revision } }`,
  );
  const destinations = names.map(
    (name, at) => `  ${name}:
    kind: zendesk
    url: "${stores[at]}"
    auth: { bearer: "\${SLUICE_RECORDS_TOKEN}" }
    requests_per_minute: 1000000`,
  );
  return `sources:
${sources.join("\n")}
destinations:
${destinations.join("\n")}
objects:
  customer: { title: Customer, title_pluralized: Customers, fields: { revision: { type: integer, title: Revision } } }
`;
}
