import { setTimeout as wait } from "node:timers/promises";
import { configuredKeys, describeGrade } from "@sluice/event";
import { describeUnseen, openQueue, type Queue } from "@sluice/queue";
import {
  countConfigurationReads,
  createRegistry,
  laneNames,
  listen,
  operations,
  understandingDigests,
  type ReadinessCheck,
  type Clock,
  type Configuration,
  type Log,
} from "@sluice/runtime";
import { showFleet } from "@sluice/exporter";
import type { Tracing } from "@sluice/tracing";
import { createIngress } from "./ingress.ts";
import { describeDurability, describeMemory } from "./durability.ts";
import { createHandedSecrets, placesInFleet } from "./handshakes/handed-secrets.ts";
import { doorMetrics, serverMetrics, sourceMetrics } from "./metrics.ts";
import { createPublishedKeys, type PublishedKeys } from "./verification/published-keys.ts";
import { tellRefusedProofs } from "./verification/refused-proofs.ts";
import { tellUsedSecrets } from "./verification/used-secrets.ts";

export type StartIngressOptions = {
  readonly configuration: Configuration;
  readonly redisUrl: string;
  readonly port: number;
  readonly host?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Null or absent: nothing is traced. */
  readonly tracing?: Tracing | null | undefined;
  /** SLUICE_METRICS_TOKEN. */
  readonly metricsToken?: string | undefined;
  /** Keeps several Sluices apart in one Redis. */
  readonly namespace?: string;
  /** How often the private Redis began with less of its file than there was. */
  readonly fileShortened?: () => number;
};

export type RunningIngress = {
  readonly url: string;
  /** Goes on with another configuration of the same lanes: requests under way end with the one they began with. */
  use(configuration: Configuration): void;
  /** Counts that a configuration was read again and had a fault: the old one stays. */
  keep(): void;
  /**
   * Says at `/readyz` that this door stops, and goes on taking webhooks for `drain_delay`, so that whoever leads senders here finds out before
   * a request is refused.
   */
  drain(): Promise<void>;
  /** Answers what is under way, sends new requests elsewhere with a 503, and lets go of Redis. */
  close(deadlineMs: number): Promise<void>;
};

/** Starts the ingress role: the door, with `/healthz`, `/readyz` and `/metrics` beside it. */
export async function startIngress(options: StartIngressOptions): Promise<RunningIngress> {
  const { configuration, clock, log } = options;
  let current = configuration;
  const destinations = laneNames(configuration);
  const registry = createRegistry();
  const queue = await openQueue({
    redisUrl: options.redisUrl,
    kind: "door",
    destinations,
    dedupeWindowMs: configuration.dedupeWindowMs,
    orderingHorizonMs: configuration.orderingHorizonMs,
    ack: configuration.ack,
    memoryBudget: configuration.redisMemoryBudget,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    onRegress: (error) => log.error({ component: "state", err: error }, error.message),
    onAddedAgain: (webhooks) => log.warn({ component: "state", webhooks }, "acknowledged webhooks were added again"),
    nowMs: () => clock.nowMs(),
    onError: (error) => log.warn({ component: "queue", err: error }, error.message),
  });
  await queue.intake.use(understandingDigests(configuration));
  showFleet(registry, { queue, destinations, sources: () => current.sources.values(), clock, log });
  const reads = countConfigurationReads(registry);
  serverMetrics(registry, queue, configuration.ack, options.fileShortened);
  sourceMetrics(registry, () => current.sources);
  const proofs = tellRefusedProofs(doorMetrics(registry, configuration.sources.keys()), queue, () => clock.nowMs());
  const secrets = tellUsedSecrets(proofs.metrics, queue, () => clock.nowMs());
  const publishedKeys = createPublishedKeys({ clock, log });
  warm(publishedKeys, configuration);
  const handedSecrets = createHandedSecrets(clock, placesInFleet(queue, destinations));
  let draining = false;
  let stopping = false;
  const ready = async (): Promise<Record<string, ReadinessCheck>> => ({
    stopping: { ok: !draining && !stopping },
    redis: await queue.ping().then(
      (ms) => ({ ok: true, detail: `${ms.toFixed(1)} ms` }),
      (error: unknown) => ({ ok: false, detail: error instanceof Error ? error.message : String(error) }),
    ),
    durability: { ok: true, detail: describeDurability(configuration.ack, queue.server.facts) },
    memory: { ok: !queue.server.pressed, detail: describeMemory(queue.server) },
    state: { ok: true, detail: await describeState(queue) },
    letters: { ok: true, detail: describeLetters(queue) },
    understood: { ok: true, detail: await describeUnderstanding(queue) },
    sources: { ok: true, detail: describeSources(current) },
  });
  const app = createIngress({
    get sources() {
      return current.sources;
    },
    get trustedProxies() {
      return current.trustedProxies;
    },
    intake: queue.intake,
    publishedKeys,
    handedSecrets,
    metrics: secrets.metrics,
    clock,
    log,
    tracing: options.tracing,
    draining: () => draining,
    stopping: () => stopping,
    beside: operations({ registry, ready, token: options.metricsToken }),
  });
  const server = await listen(app, { role: "ingress", port: options.port, host: options.host });
  log.info({ url: server.url, sources: [...configuration.sources.keys()] }, "ingress ready");
  return {
    url: server.url,
    use(next) {
      current = next;
      warm(publishedKeys, next);
      // Until Redis has heard of the new configuration, webhooks are understood with either.
      queue.intake
        .use(understandingDigests(next))
        .catch((error: unknown) => log.warn({ component: "configurations", err: error }, "not announced"));
      reads.used();
    },
    keep: reads.kept,
    async drain() {
      draining = true;
      log.info(
        { forMs: current.drainDelayMs },
        "ingress stops: it is not ready any more, and takes webhooks meanwhile",
      );
      await wait(current.drainDelayMs);
    },
    async close(deadlineMs) {
      stopping = true;
      await server.close(deadlineMs);
      proofs.close();
      secrets.close();
      await queue.close();
    },
  };
}

/** A person has to mend a state that went back. Another door could do no better, so this one stays ready. */
async function describeState({ state }: Queue): Promise<string> {
  const regresses = await state.regresses().catch(() => null);
  if (regresses === null) return "not known: Redis does not answer";
  return describeUnseen(regresses) ?? "no older than what was known of it";
}

/** A door without workers stores webhooks all the same; its operator is who should know. */
async function describeUnderstanding({ intake }: Queue): Promise<string> {
  const understood = await intake.isUnderstood().catch(() => null);
  if (understood === null) return "not known: Redis does not answer";
  return understood
    ? "a living worker has this configuration, or a newer one"
    : "NO living worker has this configuration: what comes in is stored and waits for one";
}

/** Full letters of one source do not keep other sources out. */
function describeLetters({ letters: { shares } }: Queue): string {
  const full = [...shares].filter(([, share]) => share >= 0.8).map(([source, share]) => `${source}: ${percent(share)}`);
  return full.length === 0
    ? "there is room for dead letters"
    : `dead letters fill their room (${full.join(", ")}): at 100 % a source gets 503`;
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

/** The grade of each source's proof: no fault, but something to see. */
function describeSources({ sources }: Configuration): string {
  const grades = [...sources.values()].map(
    ({ name, scheme, secondFactor }) => `${name}: ${describeGrade(scheme, secondFactor)}`,
  );
  return grades.join("; ") || "none";
}

/** Begins to fetch the keys that the configuration names, so that no sender meets a cold door. */
function warm(keys: PublishedKeys, { sources }: Configuration): void {
  for (const { scheme, secrets } of sources.values()) {
    const values = secrets.map(({ value }) => value);
    keys.known(configuredKeys(scheme.check, values));
  }
}
