import { asRequest, findScheme, readEvents, sign, type Scheme, type WebhookRequest } from "@sluice/event";
import type { Merged, Intake, IntakeWebhook } from "@sluice/queue";
import { compileMapping, mapEvent, type CompiledMapping, type MappedEvent } from "@sluice/record";
import { createLog, createRegistry, type SourceConfiguration } from "@sluice/runtime";
import request from "supertest";
import { createIngress } from "./ingress.ts";
import { doorMetrics } from "./metrics.ts";
import type { PublishedKeys } from "./verification/published-keys.ts";
import type { ValidationVisits } from "./handshakes/validation-visits.ts";

export const NOW_MS = 1_793_880_000_000;
const PUBLIC = "https://in.example.com";
export const LIMIT_BYTES = 2_000;
export const SECRETS: Readonly<Record<string, string>> = {
  billing: "whsec_c2xjMHNsYzBzbGMwc2xjMHNsYzBzbGMwc2xjMHNsYzA=",
  erp: "erp-secret",
  hub: "hubspot-client-secret",
  shop: "shopify-client-secret",
};
export const SCHEMES: Readonly<Record<string, string>> = {
  billing: "standard-webhooks",
  erp: "generic-hmac",
  hub: "hubspot-v3",
  shop: "shopify",
};

export function schemeOf(source: string): Scheme {
  const scheme = findScheme(SCHEMES[source] ?? "");
  if (scheme === undefined) throw new Error(`no scheme for ${source}`);
  return scheme;
}

function mapping(): CompiledMapping {
  const row = {
    when: "$not(type = 'ignored')",
    destination: "crm",
    object: "customer",
    external_id: "$string($exists(data.id) ? data.id : data.objectId)",
    version: "time",
    fields: { email: "data.email" },
  };
  const compiled = compileMapping(row, "sources.test.records[0]");
  if (!("mapping" in compiled)) throw new Error(JSON.stringify(compiled.faults));
  return compiled.mapping;
}

function sourceOf(name: string, rank: number, changed: Partial<SourceConfiguration> = {}): SourceConfiguration {
  return {
    name,
    rank,
    scheme: changed.scheme ?? schemeOf(name),
    secrets: ["the-next-secret", SECRETS[name] ?? ""].map((value, index) => ({
      value,
      number: index + 1,
      notAfterMs: null,
    })),
    publicUrl: `${PUBLIC}/webhooks/${name}`,
    mappings: [mapping()],
    unmapped: [],
    fetch: null,
    bodyLimitBytes: LIMIT_BYTES,
    secondFactor: {},
    share: 1,
    ...changed,
  };
}

const accept = async (events: readonly MappedEvent[]): Promise<readonly Merged[]> => events.map(() => "accepted");

/**
 * A door whose intake remembers what it was given and understands it at once, as a worker would behind it: `admit` makes the
 * statuses of the events, which a waiting sender is told.
 */
export function openDoor(
  given: {
    readonly admit?: (events: readonly MappedEvent[]) => Promise<readonly Merged[]>;
    readonly source?: Partial<SourceConfiguration>;
    readonly stopping?: boolean;
    readonly nowMs?: number;
    readonly trustedProxies?: readonly string[];
    /** Sources in place of the four of SCHEMES. */
    readonly sources?: readonly (Partial<SourceConfiguration> & { readonly name: string })[];
    readonly publishedKeys?: PublishedKeys;
    readonly validationVisits?: ValidationVisits;
    readonly largeBodiesBytes?: number;
  } = {},
) {
  const admitted: MappedEvent[] = [];
  const stored: IntakeWebhook[] = [];
  const nowMs = given.nowMs ?? NOW_MS;
  const sources = new Map(
    (given.sources ?? Object.keys(SCHEMES).map((name) => ({ name, ...given.source }))).map((source, rank) => [
      source.name,
      sourceOf(source.name, rank, source),
    ]),
  );
  const understood = Promise.withResolvers<readonly Merged[]>();
  const intake: Pick<Intake, "add" | "webhookResults"> = {
    async add(webhook) {
      const arrival = { micros: nowMs * 1000, session: 1 };
      stored.push({ ...webhook, arrival });
      const { scheme, mappings } = sources.get(webhook.source)!;
      const { rank, run } = webhook;
      const context = { rank, mappings, versionSkewMs: 86_400_000, arrival, run };
      const events = readEvents(scheme, asRequest(webhook.kept), webhook.source);
      const mapped = await Promise.all(events.map(async (event) => await mapEvent(event, context)));
      admitted.push(...mapped);
      understood.resolve(await (given.admit ?? accept)(mapped));
      return arrival;
    },
    webhookResults: {
      expect: async () => ({ number: 1, told: understood.promise }),
      close: () => {},
    },
  };
  // There are thousands of doors in a test run.
  const registry = createRegistry({ ofProcess: false });
  const lines: string[] = [];
  const firstLine = Promise.withResolvers<void>();
  const app = createIngress({
    sources,
    intake,
    metrics: doorMetrics(registry, []),
    clock: { nowMs: () => nowMs },
    trustedProxies: given.trustedProxies,
    ...(given.validationVisits === undefined ? {} : { validationVisits: given.validationVisits }),
    ...(given.largeBodiesBytes === undefined ? {} : { largeBodiesBytes: given.largeBodiesBytes }),
    ...(given.publishedKeys === undefined ? {} : { publishedKeys: given.publishedKeys }),
    log: createLog({
      level: "debug",
      role: "ingress",
      to: {
        write(line) {
          lines.push(line);
          firstLine.resolve();
        },
      },
    }),
    stopping: () => given.stopping === true,
  });
  const metric = async (name: string): Promise<string[]> =>
    (await registry.metrics()).split("\n").filter((line) => line.startsWith(name));
  return { app, admitted, stored, lines, metric, firstLine: firstLine.promise };
}

type Door = ReturnType<typeof openDoor>;
type Sending = {
  readonly headers?: { readonly [name: string]: string };
  /** The body that is signed, where another one is sent. */
  readonly signed?: Buffer;
  readonly query?: string;
  readonly atMs?: number;
  readonly url?: string;
};

/** Sends a body as the source's sender would. */
export function send({ app }: Door, source: string, body: unknown, sending: Sending = {}) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const path = `/webhooks/${source}`;
  const headers = { "webhook-id": "msg_1", ...sending.headers };
  const unsigned: WebhookRequest = {
    method: "POST",
    url: sending.url ?? `${PUBLIC}${path}${sending.query ?? ""}`,
    path,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: sending.signed ?? bytes,
  };
  const signature = sign(schemeOf(source), unsigned, SECRETS[source] ?? "", sending.atMs ?? NOW_MS);
  return request(app)
    .post(`${path}${sending.query ?? ""}`)
    .set({ "content-type": "application/json", ...headers, ...signature })
    .serialize((raw: unknown) => raw as string)
    .send(bytes);
}

export const CUSTOMER = { id: 7, email: "ada@example.com", updated_at: "2026-11-05T11:59:57Z" };
