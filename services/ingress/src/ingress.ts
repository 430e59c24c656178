import express, { type ErrorRequestHandler, type Express, type Request, type Response, type Router } from "express";
import {
  faultOfSecondFactor,
  greet,
  handshakeMethods,
  handsSecretOver,
  keepWithIds,
  missesCredential,
  remoteKeys,
  UnreadableBodyError,
  verify,
  type VerifyResult,
  type Greeting,
  type ReplyProfile,
  type WebhookRequest,
} from "@sluice/event";
import {
  DeadLettersFullError,
  QueueUnavailableError,
  type IntakeWebhook,
  type Merged,
  type Intake,
} from "@sluice/queue";
import { acceptedSecrets, type Clock, type Log, type Secret, type SourceConfiguration } from "@sluice/runtime";
import type { Tracing } from "@sluice/tracing";
import { createBodyRoom, type BodyPart } from "./request/body-room.ts";
import { spanAtDoor, type DoorSpan } from "./door-span.ts";
import { createHandedSecrets, placesInMemory, type HandedSecrets } from "./handshakes/handed-secrets.ts";
import { LIMITS } from "./limits.ts";
import type { DoorMetrics } from "./metrics.ts";
import { createPace } from "./pace.ts";
import { waitAsked } from "./request/preference.ts";
import { createPublishedKeys, type PublishedKeys } from "./verification/published-keys.ts";
import { readRawBody } from "./request/raw-body.ts";
import { WebhookRefusal } from "./reply/refusal.ts";
import { answerGreeting, answerRefusal, answerReport } from "./reply/reply.ts";
import { reportOf, type Report } from "./reply/report.ts";
import { createValidationVisits, type ValidationVisits } from "./handshakes/validation-visits.ts";
import { asWebhook } from "./request/webhook-request.ts";

export type IngressOptions = {
  /** Read at each request: the map may be another one by then, when the configuration was read again. */
  readonly sources: ReadonlyMap<string, SourceConfiguration>;
  /** Addresses and CIDR ranges that are believed about who called; without it, those of a source's scheme. */
  readonly trustedProxies?: readonly string[] | undefined;
  readonly intake: Pick<Intake, "add" | "webhookResults">;
  readonly metrics: DoorMetrics;
  readonly clock: Clock;
  readonly log: Log;
  /** True while others are to find out that this door stops: webhooks are taken, and connections are let go of after each. */
  readonly draining?: () => boolean;
  /** True while the process stops: new requests are sent elsewhere. */
  readonly stopping?: () => boolean;
  readonly publishedKeys?: PublishedKeys;
  readonly validationVisits?: ValidationVisits;
  /** Without it, handed secrets are kept in this process alone. */
  readonly handedSecrets?: HandedSecrets;
  /** Absent or null: nothing is traced. */
  readonly tracing?: Tracing | null | undefined;
  /** Answers the other paths of the process. */
  readonly beside?: Router;
  /** Room for large bodies, of all requests together. */
  readonly largeBodiesBytes?: number;
};

/** The result of a request. It names the secret that the request was made with: the log shows when an old one falls silent. */
type Received =
  | { readonly kind: "stored"; readonly report: Report; readonly waited: boolean; readonly secretNumber: number }
  | { readonly kind: "greeted"; readonly greeting: Greeting };

const ORDINARY: ReplyProfile = {};
const NOT_TRACED = {};

/**
 * The door: `/webhooks/{source}`. Cheap refusals come first, nothing is trusted before it is verified, and a
 * 2xx leaves only after the intake says that the webhook is stored. Its meaning is found out behind the door.
 */
export function createIngress(options: IngressOptions): Express {
  const { clock, log, metrics, tracing = null } = options;
  const publishedKeys = options.publishedKeys ?? createPublishedKeys({ clock, log });
  const visits = options.validationVisits ?? createValidationVisits({ log });
  const handedSecrets = options.handedSecrets ?? createHandedSecrets(clock, placesInMemory());
  const pace = createPace();
  const bodyRoom = createBodyRoom(options.largeBodiesBytes);
  const app = express().disable("x-powered-by").disable("etag");

  app.all("/webhooks/:source", async (request, response) => {
    const startedAt = performance.now();
    const name = request.params.source;
    const source = options.sources.get(name);
    const label = source === undefined ? "unknown" : name;
    const profile = source?.scheme.reply ?? ORDINARY;
    const part = bodyRoom.enter();
    const span = tracing === null ? null : spanAtDoor(tracing, startedAt);
    if (options.draining?.() === true) response.setHeader("Connection", "close");
    try {
      const received = await receive(request, response, source, part, span);
      if (received.kind === "greeted") {
        answerGreeting(response, received.greeting);
        if (received.greeting.visit !== undefined) visits.begin(label, received.greeting.visit);
        log.info({ source: label, status: response.statusCode, ms: since(startedAt) }, "handshake");
        return;
      }
      const { report, waited, secretNumber } = received;
      if (waited) response.setHeader("Preference-Applied", "wait");
      answerReport(response, profile, report);
      span?.end(response.statusCode, null);
      // Most webhooks are stored, and nobody reads of them: their entry is not even put together.
      if (!log.isLevelEnabled("debug")) return;
      const events = countBy(report.events.map(({ status }) => status));
      log.debug(
        { source: label, status: response.statusCode, events, secretNumber, ms: since(startedAt), ...span?.logged() },
        "webhook",
      );
    } catch (error) {
      const refusal = asRefusal(error);
      metrics.refused(label, refusal.reason);
      answerRefusal(request, response, profile, refusal);
      span?.end(response.statusCode, refusal.reason);
      const entry = {
        source: label,
        status: response.statusCode,
        code: refusal.code,
        reason: refusal.reason,
        ms: since(startedAt),
        ...span?.logged(),
      };
      if (refusal.code === "internal") log.error({ ...entry, err: error }, "webhook refused");
      else log.warn(refusal.status >= 500 ? { ...entry, error: refusal.message } : entry, "webhook refused");
    } finally {
      part.leave();
    }
  });
  // An application of its own around this one would cost each webhook as much again as its route does.
  if (options.beside !== undefined) app.use(options.beside);
  app.use((_request, response) => {
    const refusal = new WebhookRefusal("source_unknown", "There is nothing at this path");
    response.status(refusal.status).json(refusal.body);
  });
  // Express gives up on a path that is no URL before any route is asked, and would answer with a page.
  const unreadablePath: ErrorRequestHandler = (_error, _request, response, _next) => {
    const refusal = new WebhookRefusal("source_unknown", "The path can't be read");
    response.status(refusal.status).json(refusal.body);
  };
  app.use(unreadablePath);
  return app;

  async function receive(
    request: Request,
    response: Response,
    source: SourceConfiguration | undefined,
    room: BodyPart,
    span: DoorSpan | null,
  ): Promise<Received> {
    if (options.stopping?.() === true)
      throw new WebhookRefusal("shutting_down", "This process is stopping", { retryAfterSeconds: 1 });
    if (source === undefined) throw new WebhookRefusal("source_unknown", "There is no such source");
    const { scheme } = source;
    const delivers = scheme.limits.methods.includes(request.method);
    if (!delivers && !handshakeMethods(scheme).includes(request.method)) throw methodRefused(source, response, request);
    const head = asWebhook(request, source);
    const fault = faultOfSecondFactor(source.secondFactor, head, options.trustedProxies ?? []);
    if (fault !== undefined)
      throw new WebhookRefusal("not_authentic", "The caller is not known here", { reason: fault });
    const limitBytes = missesCredential(scheme.check, head)
      ? Math.min(source.bodyLimitBytes, LIMITS.strangerBodyBytes)
      : source.bodyLimitBytes;
    const webhook = { ...head, body: await readRawBody(request, limitBytes, room) };
    const greeting = greet(scheme, webhook);
    if (greeting?.secret !== undefined) await takeSecret(source, greeting.secret);
    if (greeting !== undefined && !greeting.authenticated) return { kind: "greeted", greeting };
    if (greeting === undefined && !delivers) throw methodRefused(source, response, request);
    const handed = handsOver(source) ? await handedSecrets.of(source.name) : undefined;
    const proven = authenticate(source, webhook, handed);
    const secretNumber = typeof proven === "number" ? proven : await proven;
    if (greeting !== undefined) return { kind: "greeted", greeting };
    span?.begin(request, source.name);
    keepPace(source);
    const { kept, ids } = keepWithIds(scheme, webhook);
    span?.read(ids.length);
    const stored = await store(source, { kept, ids, secretNumber }, waitAsked(webhook), span);
    return { kind: "stored", secretNumber, ...stored };
  }

  /** The number of the secret that the request was made with. A promise comes back only where `verify` gives one. */
  function authenticate(
    source: SourceConfiguration,
    webhook: WebhookRequest,
    handed: string | undefined,
  ): number | Promise<number> {
    const secrets = acceptedSecrets(source.secrets, clock.nowMs());
    const values = secrets.map(({ value }) => value);
    if (handed !== undefined) values.push(handed);
    const keys = publishedKeys.known(remoteKeys(source.scheme, webhook, values));
    const { trustedProxies } = options;
    const around = trustedProxies === undefined ? { keys } : { keys, trustedProxies };
    const verdict = verify(source.scheme, webhook, values, clock.nowMs(), around);
    return verdict instanceof Promise
      ? verdict.then((late) => secretNumberOf(source, secrets, late))
      : secretNumberOf(source, secrets, verdict);
  }

  /** @throws Refusal where the request is not authentic */
  function secretNumberOf(source: SourceConfiguration, secrets: readonly Secret[], verdict: VerifyResult): number {
    if (verdict.ok) {
      const number = secrets[verdict.secretIndex]?.number ?? source.secrets.length + 1;
      metrics.secretMatched(source.name, number);
      return number;
    }
    if (verdict.reason !== "key_unavailable") {
      throw new WebhookRefusal("not_authentic", "The request is not authentic", { reason: verdict.reason });
    }
    throw new WebhookRefusal("keys_unavailable", "The sender's published keys are being fetched", {
      retryAfterSeconds: LIMITS.keyRetryAfterSeconds,
    });
  }

  async function takeSecret(source: SourceConfiguration, secret: string): Promise<void> {
    const isTaken = handsOver(source) && (await handedSecrets.take(source.name, secret));
    if (isTaken) return;
    throw new WebhookRefusal("not_authentic", "No secret is awaited", { reason: "handshake_unawaited" });
  }

  function keepPace({ name, ratePerSecond }: SourceConfiguration): void {
    const over = ratePerSecond === undefined ? undefined : pace.take(name, ratePerSecond, clock.nowMs());
    if (over === undefined) return;
    throw new WebhookRefusal("rate_exceeded", `More than ${ratePerSecond} requests in a second`, {
      retryAfterSeconds: over.waitSeconds,
    });
  }

  async function store(
    source: SourceConfiguration,
    read: Pick<IntakeWebhook, "kept" | "ids" | "secretNumber">,
    waitMs: number | null,
    span: DoorSpan | null,
  ): Promise<{ readonly report: Report; readonly waited: boolean }> {
    const { intake } = options;
    const { ids } = read;
    const expected = waitMs === null ? undefined : await intake.webhookResults.expect(waitMs);
    const trace = span === null ? null : span.context();
    await intake.add({
      source: source.name,
      rank: source.rank,
      ...read,
      run: 0,
      wait: expected?.number ?? null,
      ...(trace === null ? NOT_TRACED : { trace }),
    });
    metrics.stored(source.name, ids.length);
    const statuses = expected === undefined ? null : await expected.told;
    return { report: reportOf(ids, statuses), waited: statuses !== null };
  }
}

/** A source with a configured secret has no other to be handed over. */
function handsOver({ scheme, secrets }: SourceConfiguration): boolean {
  return secrets.length === 0 && handsSecretOver(scheme);
}

function methodRefused({ scheme }: SourceConfiguration, response: Response, { method }: Request): WebhookRefusal {
  response.setHeader("Allow", scheme.limits.methods.join(", "));
  return new WebhookRefusal("method_refused", `This source does not take ${method}`);
}

function asRefusal(error: unknown): WebhookRefusal {
  if (error instanceof WebhookRefusal) return error;
  if (error instanceof UnreadableBodyError)
    return new WebhookRefusal("body_unreadable", error.message, { hint: error.hint, cause: error });
  if (error instanceof DeadLettersFullError) {
    const { message, hint, retryAfterSeconds } = error;
    return new WebhookRefusal("dead_letters_full", message, { hint, retryAfterSeconds, cause: error });
  }
  if (error instanceof QueueUnavailableError) {
    return new WebhookRefusal("queue_unavailable", "The event could not be stored", {
      retryAfterSeconds: error.retryAfterSeconds,
      cause: error,
    });
  }
  return new WebhookRefusal("internal", "Something went wrong here", { cause: error });
}

function countBy(statuses: readonly Merged[]): Partial<Record<Merged, number>> {
  const counts: Partial<Record<Merged, number>> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function since(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 10) / 10;
}
