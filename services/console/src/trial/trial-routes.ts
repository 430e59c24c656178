import { randomUUID } from "node:crypto";
import { refOf } from "@sluice/history";
import { acting, sendingOf, tryGiven, type GivenTrial, type TrialRequestOptions, type Sending } from "@sluice/operator";
import { DeadLettersFullError, type LiveRecord } from "@sluice/queue";
import type { Change } from "@sluice/record";
import { SluiceError, type SourceConfiguration } from "@sluice/runtime";
import { Fault } from "../api/fault.ts";
import { route, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import type { SentTrial } from "../contract/trial.ts";
import { LIMITS } from "../limits.ts";
import { actorOf, type LiveState } from "../live-state.ts";
import { shownEvents } from "./shown-trial.ts";

export function trialRoutes({ queue, configuration, clock }: LiveState): readonly Route[] {
  /** The known states of the records that the changes would write. */
  async function known(changes: readonly Change[]): Promise<ReadonlyMap<Change, LiveRecord | null>> {
    const views = await Promise.all(
      changes.map(async (change) => await queue.lane(change.destination).records.show(change.object, change.key)),
    );
    return new Map(changes.map((change, at) => [change, views[at] ?? null]));
  }

  function sourceOf(name: string): SourceConfiguration {
    const source = configuration().sources.get(name);
    if (source === undefined) throw new Fault("source_unknown", `there is no source "${name}"`);
    return source;
  }

  /** The request's address matters to schemes that sign it: they know theirs by `public_url`. */
  function givenOf(name: string, text: string | undefined, type: string | undefined): TrialRequestOptions {
    return { url: `http://127.0.0.1/webhooks/${name}`, text, type, nowMs: clock.nowMs() };
  }

  return [
    route(OPERATIONS.tryWebhook, async ({ body: { source: name, text, type } }) => {
      const current = configuration();
      const source = sourceOf(name);
      const { trial, signedBy } = await tryGiven(current, source, givenOf(name, text, type)).catch(asFault);
      const { verdict, grade, unreadable, events } = trial;
      const views = await known(events.flatMap(({ changes }) => changes.map(({ change }) => change)));
      return {
        verified: {
          isAuthentic: verdict.isAuthentic,
          reason: verdict.isAuthentic ? null : verdict.reason,
          secretNumber: verdict.isAuthentic ? verdict.secretNumber : null,
          grade,
          signedBy,
        },
        unreadable,
        events: shownEvents(events, (change) => views.get(change) ?? null, current),
      };
    }),
    route(OPERATIONS.sendTrial, async ({ body: { source: name, text, type, keepsId, reason }, caller }) => {
      const source = sourceOf(name);
      const given = givenOf(name, text, type);
      const newId = keepsId ? undefined : `sent-${randomUUID().slice(-12)}`;
      const { events } = await acting(
        queue,
        actorOf(caller, reason),
        { action: "webhook.send", target: name },
        async () => {
          assertSendable(await tryGiven(configuration(), source, given).catch(asFault));
          const sending = sendingOf(source, { ...given, newId });
          const sent = await send(source, sending).catch(asConflict);
          return { word: "stored", details: { events: sent.slice(0, LIMITS.notedEvents) }, events: sent };
        },
      );
      return { events };
    }),
  ];

  /** Stores the webhook as the door stores one. Nobody proved it: an operator answers for it. */
  async function send({ name, rank }: SourceConfiguration, { kept, ids }: Sending): Promise<SentTrial["events"]> {
    const webhook = { source: name, rank, kept, ids, secretNumber: 0, run: 0, wait: null };
    const { micros, session } = await queue.intake.add(webhook);
    return ids.map((id, at) => ({ id, ref: refOf({ micros: micros + at, session, run: 0 }) }));
  }
}

/** @throws Fault `trial_invalid` for a request that the door would refuse, or that means nothing */
function assertSendable({ trial: { verdict, unreadable, events }, signedBy }: GivenTrial): void {
  const hint = "Try it first: that shows what the door makes of it.";
  if (!verdict.isAuthentic && signedBy !== "nobody") {
    throw new Fault("trial_invalid", `the door would refuse it: ${verdict.reason}`, { hint });
  }
  if (unreadable !== null) throw new Fault("trial_invalid", unreadable, { hint });
  if (events.length === 0) throw new Fault("trial_invalid", "it carries no event", { hint });
}

function asConflict(error: unknown): never {
  if (!(error instanceof DeadLettersFullError)) throw error;
  throw new Fault("act_conflict", error.message, { hint: error.hint, cause: error });
}

function asFault(error: unknown): never {
  if (error instanceof SluiceError && error.code === "type_unwritable") {
    throw new Fault("trial_invalid", error.message, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
  throw error;
}
