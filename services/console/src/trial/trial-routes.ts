import { tryGiven } from "@sluice/operator";
import type { RecordView } from "@sluice/queue";
import type { Change } from "@sluice/record";
import { SluiceError } from "@sluice/runtime";
import { Fault } from "../api/fault.ts";
import { route, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import type { Live } from "../live.ts";
import { shownEvents } from "./shown-trial.ts";

export function trialRoutes({ queue, configuration, clock }: Live): readonly Route[] {
  /** The known states of the records that the changes would write. */
  async function known(changes: readonly Change[]): Promise<ReadonlyMap<Change, RecordView | null>> {
    const views = await Promise.all(
      changes.map(async (change) => await queue.lane(change.destination).records.show(change.object, change.key)),
    );
    return new Map(changes.map((change, at) => [change, views[at] ?? null]));
  }

  return [
    route(OPERATIONS.tryWebhook, async ({ body: { source: name, text, type } }) => {
      const current = configuration();
      const source = current.sources.get(name);
      if (source === undefined) throw new Fault("source_unknown", `there is no source "${name}"`);
      const nowMs = clock.nowMs();
      // The request's address matters to schemes that sign it: they know theirs by `public_url`.
      const given = { url: `http://127.0.0.1/webhooks/${name}`, text, type, nowMs };
      const { trial, signedBy } = await tryGiven(current, source, given).catch(asFault);
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
  ];
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
