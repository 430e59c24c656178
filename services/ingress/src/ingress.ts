import express, { type ErrorRequestHandler, type Express, type Request, type Response } from "express";
import { readEvents, UnreadableBodyError, verify, type Event, type Reply, type WebhookRequest } from "@sluice/event";
import { QueueUnavailableError, type Admission, type Admitted } from "@sluice/queue";
import { mapEvent } from "@sluice/record";
import { acceptedSecrets, type Clock, type Log, type SourceConfiguration } from "@sluice/runtime";
import type { DoorMetrics } from "./metrics.ts";
import { readBody } from "./raw-body.ts";
import { Refusal } from "./refusal.ts";

export type IngressOptions = {
  /** Asked at each request: it may be another map by then, when the configuration was read again. */
  readonly sources: ReadonlyMap<string, SourceConfiguration>;
  readonly versionSkewMs: number;
  readonly admission: Admission;
  readonly metrics: DoorMetrics;
  readonly clock: Clock;
  readonly log: Log;
  /** True while the process stops: new requests are sent elsewhere. */
  readonly stopping?: () => boolean;
};

/** What a webhook was answered with. */
type Report = {
  readonly accepted: number;
  readonly duplicates: number;
  readonly events: readonly { readonly id: string; readonly status: Admitted }[];
};

/** The answer, and for the log which secret the request was made with: it shows when an old one falls silent. */
type Received = { readonly report: Report; readonly secretNumber: number };

/**
 * The door: `POST /webhooks/{source}`. Cheap refusals come first, nothing is trusted before it is
 * verified, and a 2xx leaves only after the admission says that it is stored.
 */
export function createIngress(options: IngressOptions): Express {
  const { clock, log, metrics } = options;
  const app = express().disable("x-powered-by").disable("etag");

  app.all("/webhooks/:source", async (request, response) => {
    const startedAt = performance.now();
    const name = request.params.source;
    const source = options.sources.get(name);
    const label = source === undefined ? "unknown" : name;
    try {
      const { report, secretNumber } = await receive(request, response, source);
      answer(response, source?.scheme.reply.success, 202, report);
      const events = countBy(report.events.map(({ status }) => status));
      const entry = { source: label, status: response.statusCode, events, secretNumber, ms: since(startedAt) };
      log.info(entry, "webhook");
    } catch (error) {
      const refusal = asRefusal(error);
      metrics.refused(label, refusal.reason);
      refuse(request, response, source, refusal);
      const entry = {
        source: label,
        status: response.statusCode,
        code: refusal.code,
        reason: refusal.reason,
        ms: since(startedAt),
      };
      if (refusal.code === "internal") log.error({ ...entry, err: error }, "webhook refused");
      else log.warn(refusal.status >= 500 ? { ...entry, error: refusal.message } : entry, "webhook refused");
    }
  });
  app.use((_request, response) => {
    const refusal = new Refusal("source_unknown", "There is nothing at this path");
    response.status(refusal.status).json(refusal.body);
  });
  // Express gives up on a path that is no URL before any route is asked, and would answer with a page.
  const unreadablePath: ErrorRequestHandler = (_error, _request, response, _next) => {
    const refusal = new Refusal("source_unknown", "The path can't be read");
    response.status(refusal.status).json(refusal.body);
  };
  app.use(unreadablePath);
  return app;

  async function receive(
    request: Request,
    response: Response,
    source: SourceConfiguration | undefined,
  ): Promise<Received> {
    if (options.stopping?.() === true)
      throw new Refusal("shutting_down", "This process is stopping", { retryAfterSeconds: 1 });
    if (source === undefined) throw new Refusal("source_unknown", "There is no such source");
    if (!source.scheme.limits.methods.includes(request.method)) {
      response.setHeader("Allow", source.scheme.limits.methods.join(", "));
      throw new Refusal("method_refused", `This source does not take ${request.method}`);
    }
    const body = await readBody(request, source.bodyLimitBytes);
    const webhook = asWebhook(request, source, body);
    const secrets = acceptedSecrets(source.secrets, clock.nowMs());
    const values = secrets.map(({ value }) => value);
    const verdict = await verify(source.scheme, webhook, values, clock.nowMs());
    if (!verdict.ok) throw new Refusal("not_authentic", "The request is not authentic", { reason: verdict.reason });
    const events = readEvents(source.scheme, webhook, source.name);
    const secretNumber = secrets[verdict.secretIndex]!.number;
    metrics.secretMatched(source.name, secretNumber);
    return { report: await admit(source, events), secretNumber };
  }

  async function admit(source: SourceConfiguration, events: readonly Event[]): Promise<Report> {
    const { rank, mappings } = source;
    const context = { rank, mappings, receivedAtMs: clock.nowMs(), versionSkewMs: options.versionSkewMs };
    const mapped = await Promise.all(events.map((event) => mapEvent(event, context)));
    const statuses = await options.admission.admit(mapped);
    for (const status of statuses) metrics.admitted(source.name, status);
    return {
      accepted: statuses.filter((status) => status !== "duplicate" && status !== "ignored").length,
      duplicates: statuses.filter((status) => status === "duplicate").length,
      events: events.map(({ id }, index) => ({ id, status: statuses[index]! })),
    };
  }
}

function asWebhook(request: Request, source: SourceConfiguration, body: Uint8Array): WebhookRequest {
  const headers = new Map(
    Object.entries(request.headersDistinct).map(([name, values]) => [name, values ?? []] as const),
  );
  const query = request.originalUrl.slice(request.path.length);
  const registered = source.publicUrl;
  const received = `${request.protocol}://${request.headers.host ?? ""}${request.originalUrl}`;
  const url = registered === undefined ? received : registered + (registered.includes("?") ? "" : query);
  const remoteAddress = request.socket.remoteAddress;
  return {
    method: request.method,
    url,
    path: registered === undefined ? request.path : new URL(registered).pathname,
    headers,
    body,
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
  };
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof UnreadableBodyError)
    return new Refusal("body_unreadable", error.message, { hint: error.hint, cause: error });
  if (error instanceof QueueUnavailableError) {
    return new Refusal("queue_unavailable", "The event could not be stored", {
      retryAfterSeconds: error.retryAfterSeconds,
      cause: error,
    });
  }
  return new Refusal("internal", "Something went wrong here", { cause: error });
}

function refuse(request: Request, response: Response, source: SourceConfiguration | undefined, refusal: Refusal): void {
  if (refusal.retryAfterSeconds !== undefined) response.setHeader("Retry-After", String(refusal.retryAfterSeconds));
  // What was not read before the refusal is not read after it either; a stopping process lets go of its connections.
  if (!request.complete || refusal.code === "shutting_down") response.setHeader("Connection", "close");
  answer(response, profileOf(source, refusal), refusal.status, refusal.body);
}

function profileOf(source: SourceConfiguration | undefined, { code }: Refusal): Reply | undefined {
  if (code === "not_authentic") return source?.scheme.reply.notAuthentic;
  return code === "body_unreadable" ? source?.scheme.reply.unreadable : undefined;
}

function answer(response: Response, profile: Reply | undefined, status: number, report: object): void {
  response.status(profile?.status ?? status);
  const body = profile?.body ?? "report";
  if (body === "report") response.json(report);
  else if (body === "none") response.end();
  else response.type(body.type).send(body.text);
}

function countBy(statuses: readonly Admitted[]): Partial<Record<Admitted, number>> {
  const counts: Partial<Record<Admitted, number>> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function since(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 10) / 10;
}
