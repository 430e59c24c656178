import { randomUUID } from "node:crypto";
import { loadavg } from "node:os";
import { until } from "../../until.ts";
import { startChild, type Child } from "../child.ts";
import { sluiceOf, type Running, type Surroundings } from "../contestants.ts";
import { batchOf, lastRevision, type Batch } from "../event.ts";
import type { Kept, KeepingOrder, SeenAt } from "../keeping-destination.ts";
import {
  DRAIN_DEADLINE_MS,
  LATENCY_MS,
  LOAD_DEADLINE_MS,
  REPLAY_EVENTS,
  REPLAY_EVENTS_PER_RECORD,
  REPLAY_PLAN_DEADLINE_MS,
  STEADY_EVENTS,
  STEADY_PER_SECOND,
} from "../limits.ts";
import { median, quantile } from "../quantile.ts";
import { benchPostgres } from "../records/postgres.ts";
import type { Row } from "../row.ts";
import { sendBatch } from "../sending.ts";
import { startBenchRedis } from "../server.ts";
import { startSluice } from "../sluice.ts";
import type { SteadyOrder, SteadyReport } from "../steady-sender.ts";
import { NOW } from "../tree.ts";

/** Milliseconds from an event's 202 to the destination's first sight of it. */
type Lag = { readonly p50: number; readonly p99: number };
type Pair = { readonly without: Lag; readonly beside: Lag };

/**
 * The price of a replay for live traffic to the same records of the same destination: past events are understood again under a changed
 * mapping while new ones come in. The lag of the new ones is measured in turns, with the replay paused and with it running.
 * @throws where a record does not end with its newest revision under the changed mapping, or was ever told an older one
 */
export const replay: Row = {
  name: "replay",
  title: "Replay under a changed mapping, lag of live traffic",
  always: false,
  async measure({ rounds = Infinity, events = REPLAY_EVENTS, nodeOptions, progress }) {
    if (events / REPLAY_EVENTS_PER_RECORD < STEADY_EVENTS) {
      throw new Error(`a turn's ${STEADY_EVENTS} events need records of their own: --events is too small`);
    }
    const stops: (() => Promise<void>)[] = [];
    const started = async <Part extends { stop(): Promise<void> }>(starting: Promise<Part>): Promise<Part> => {
      const part = await starting;
      stops.push(async () => await part.stop());
      return part;
    };
    try {
      const postgres = await started(benchPostgres(undefined));
      const redis = await started(startBenchRedis(sluiceOf(NOW).redisSettings));
      const destination = await started(startChild("keeping-destination.ts", { latencyMs: LATENCY_MS }));
      const sender = await started(startChild("steady-sender.ts", {}));
      const token = randomUUID();
      const surroundings = (tier: string): Surroundings => ({
        redisUrl: redis.url,
        destinationUrl: destination.url,
        configuration: "replay.yaml",
        nodeOptions,
        environment: { SLUICE_HISTORY_DATABASE_URL: postgres.url, SLUICE_ADMIN_TOKEN: token, BENCH_TIER: tier },
      });
      const past = batchOf("replay", events, { records: events / REPLAY_EVENTS_PER_RECORD });
      await bringIn(past, surroundings("data.category"), async () => await redis.settled());
      progress(`${events} events are in the history`);

      const changed = surroundings("$uppercase(data.category)");
      const door = await started(startSluice(NOW, "ingress", changed));
      await started(startSluice(NOW, "worker", changed));
      const api = apiOf(await started(startSluice(NOW, "console", changed)), token);
      const planned = await plan(api, events);
      progress(`planned in ${(planned.tookMs / 1000).toFixed(0)} s`);

      const turn = turnOf({ past, door, sender, destination });
      await turn();
      const pairs: Pair[] = [];
      const beganMs = performance.now();
      await api("POST", `/api/replays/${planned.id}/run`);
      for (let at = 0; at < rounds; at += 1) {
        const beside = await turn();
        if ((await stateOf(api, planned.id)) !== "running") break;
        await api("POST", `/api/replays/${planned.id}/pause`);
        const without = await turn();
        await api("POST", `/api/replays/${planned.id}/resume`);
        pairs.push({ without, beside });
        progress(`round ${at + 1}, load ${loadavg()[0]!.toFixed(1)}: ${JSON.stringify(pairs.at(-1))}`);
      }
      await until(async () => (await stateOf(api, planned.id)) === "done", Boolean, { deadlineMs: DRAIN_DEADLINE_MS });
      const tookMs = performance.now() - beganMs;
      await redis.settled();
      const sent = turn.sent();
      const right = rightRecords((await destination.order("kept" satisfies KeepingOrder, 60_000)) as Kept, past, sent);
      const lag = (which: keyof Lag) => ({
        ratio: `lag of live events, ${which}, beside a replay / without`,
        target: which === "p99" ? "≤ 1.2" : "",
        today: null,
        now: pairs.map(({ beside, without }) => beside[which] / without[which]),
        medians: `beside ${medianOf(pairs, "beside", which)}, without ${medianOf(pairs, "without", which)} ms`,
      });
      return {
        findings: [lag("p50"), lag("p99")],
        notes: [
          `${events} events replayed in ${(tookMs / 1000).toFixed(0)} s, pauses and turns without it among them; ${sent - events} live ones; ` +
            `${right} records right, none was ever told an older revision`,
        ],
      };
    } finally {
      for (const stop of stops.toReversed()) await stop();
    }
  },
};

/** Brings the past in under the mapping as it was, all of it written and archived. */
async function bringIn(past: Batch, surroundings: Surroundings, settled: () => Promise<void>): Promise<void> {
  const door = await startSluice(NOW, "ingress", surroundings);
  const worker = await startSluice(NOW, "worker", surroundings);
  try {
    await sendBatch(door.url, past);
    await settled();
    await until(
      async () => {
        const metrics = await (await fetch(`${worker.url}/metrics`)).text();
        if (/^sluice_history_left_out_total{.*} [1-9]/m.test(metrics))
          throw new Error("the history lacks a part of it");
        return /^sluice_history_waiting{what="items"} 0$/m.test(metrics);
      },
      Boolean,
      { deadlineMs: DRAIN_DEADLINE_MS },
    );
  } finally {
    await door.stop();
    await worker.stop();
  }
}

type Api = (method: "GET" | "POST", path: string, body?: object) => Promise<unknown>;

function apiOf({ url }: Running, token: string): Api {
  return async (method, path, body) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const asked = method === "GET" ? {} : { body: JSON.stringify(body ?? {}) };
    const answer = await fetch(`${url}${path}`, { method, headers, ...asked });
    if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${await answer.text()}`);
    return await answer.json();
  };
}

type Replay = { readonly id: string; readonly state: string; readonly plan: { readonly would: { changed?: number } } };

async function stateOf(api: Api, id: string): Promise<string> {
  const { state } = (await api("GET", `/api/replays/${id}`)) as Replay;
  if (state === "failed" || state === "aborted") throw new Error(`the replay is ${state}`);
  return state;
}

async function plan(api: Api, events: number): Promise<{ readonly id: string; readonly tookMs: number }> {
  const beganMs = performance.now();
  const { id } = (await api("POST", "/api/replays", { filter: { source: "erp" } })) as Replay;
  await until(async () => (await stateOf(api, id)) === "planned", Boolean, { deadlineMs: REPLAY_PLAN_DEADLINE_MS });
  const { plan: planned } = (await api("GET", `/api/replays/${id}`)) as Replay;
  if (planned.would.changed !== events) throw new Error(`${planned.would.changed} of ${events} events would change`);
  return { id, tookMs: performance.now() - beganMs };
}

type Parts = { readonly past: Batch; readonly door: Running; readonly sender: Child; readonly destination: Child };

/** Live events that go on where the past ended, round the same records, each with a revision that is newer than all before. */
function turnOf({ past, door, sender, destination }: Parts) {
  let sent = past.events;
  const turn = async (): Promise<Lag> => {
    await destination.order("kept" satisfies KeepingOrder, 60_000);
    const from = sent;
    sent += STEADY_EVENTS;
    const order: SteadyOrder = {
      url: door.url,
      perSecond: STEADY_PER_SECOND,
      batches: { erp: { ...past, events: sent } },
      from,
    };
    const { erp } = (await sender.order(order, LOAD_DEADLINE_MS)) as SteadyReport;
    const seen = (await destination.order(
      { seenAt: STEADY_EVENTS } satisfies KeepingOrder,
      DRAIN_DEADLINE_MS,
    )) as SeenAt;
    const lags = erp!.map((acceptedAt, at) => seen[nameOf(past, from + at)]! - acceptedAt);
    return { p50: quantile(lags, 0.5), p99: quantile(lags, 0.99) };
  };
  return Object.assign(turn, { sent: () => sent });
}

function nameOf({ name, records }: Batch, index: number): string {
  return `erp:${name}-${index % records} ${Math.floor(index / records) + 1}`;
}

function rightRecords({ records, regressed }: Kept, past: Batch, sent: number): number {
  if (regressed > 0) throw new Error(`${regressed} writes told a record an older revision`);
  for (let record = 0; record < past.records; record += 1) {
    const newest =
      lastRevision({ ...past, events: sent - (sent % past.records) }) + (record < sent % past.records ? 1 : 0);
    const { revision, tier } = records[`erp:${past.name}-${record}`] ?? { revision: 0, tier: "" };
    if (revision !== newest || tier !== tier.toUpperCase()) {
      throw new Error(`record ${record} shows revision ${revision} and "${tier}", and its newest is ${newest}`);
    }
  }
  return past.records;
}

function medianOf(pairs: readonly Pair[], side: keyof Pair, which: keyof Lag): string {
  return median(pairs.map((pair) => pair[side][which])).toFixed(1);
}
