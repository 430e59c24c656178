import { z } from "zod";
import {
  acting,
  findDeadLetter,
  hasEdit,
  nameDeadLetters,
  NO_EDIT,
  wantsDeadLetter,
  type Fleet,
  type DeadLetterEdit,
} from "@sluice/operator";
import { SluiceError } from "@sluice/runtime";
import { writeCursor, readCursor } from "../api/cursor.ts";
import { Fault } from "../api/fault.ts";
import { instantOf } from "../api/instant.ts";
import { route, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import type { DeadLetterFilterJson } from "../contract/dead-letter.ts";
import { LIMITS } from "../limits.ts";
import { actorOf, type LiveState } from "../live-state.ts";
import type { FleetWatch } from "../now/fleet-watch.ts";
import { quotasNow } from "../now/quotas.ts";
import type { FleetTasks } from "../tasks/fleet-tasks.ts";
import { groupsOf } from "./dead-letter-groups.ts";
import type { DeadLetterIndex } from "./dead-letter-index.ts";
import { carryOut, editFromJson, planDeadLetters, takePlan } from "./dead-letter-plan.ts";
import { editableOf, indexed, rowOf, wholeOf, type IndexedDeadLetter } from "./dead-letter-row.ts";

export type DeadLetterRouteOptions = LiveState & {
  readonly watch: FleetWatch;
  readonly fleetTasks: FleetTasks;
  readonly letters: DeadLetterIndex;
};

const place = z.object({ at: z.iso.datetime(), id: z.string().max(200) });

export function deadLetterRoutes({
  queue,
  configuration,
  watch,
  fleetTasks,
  letters: index,
  clock,
}: DeadLetterRouteOptions): readonly Route[] {
  const fleet = (): Fleet => ({ configuration: configuration(), queue });

  async function chosen(
    { group, since, until, ...filter }: DeadLetterFilterJson,
    { afresh = false } = {},
  ): Promise<readonly IndexedDeadLetter[]> {
    if (afresh) index.forget();
    const nowMs = clock.nowMs();
    const times = { sinceMs: instantOf("since", since, nowMs), untilMs: instantOf("until", until, nowMs) };
    return (await index.all()).filter(
      (row) =>
        (group ?? row.group) === row.group &&
        wantsDeadLetter(
          { ...filter, ...times },
          {
            ...row,
            key: row.record === null ? null : { by: row.record.by, value: row.record.key },
            reason: { code: row.code, message: row.message },
            events: row.sources.map((source) => ({ source, id: "" })),
          },
        ),
    );
  }

  async function named(ids: readonly string[]): Promise<readonly IndexedDeadLetter[]> {
    const letters = await Promise.all([...new Set(ids)].map(async (id) => await findDeadLetter(fleet(), id)));
    return letters.flatMap((letter) => (letter === null ? [] : [indexed(letter)]));
  }

  return [
    route(OPERATIONS.groupLetters, async ({ query }) => {
      const letters = await chosen(query);
      return { groups: groupsOf(letters), letters: letters.length };
    }),
    route(OPERATIONS.findLetters, async ({ query: { limit, cursor, ...filter } }) => {
      const after = readCursor(cursor, place);
      const letters = (await chosen(filter)).filter(
        ({ at, id }) => after === null || at < after.at || (at === after.at && id < after.id),
      );
      const items = letters.slice(0, limit).map(rowOf);
      const last = items.at(-1);
      const next = letters.length > limit && last !== undefined ? writeCursor({ at: last.at, id: last.id }) : null;
      return { items, next, searchedTo: null };
    }),
    route(OPERATIONS.getLetter, async ({ path: { id = "" } }) => {
      const letter = await findDeadLetter(fleet(), id);
      if (letter === null) throw new Fault("dead_letter_unknown", `there is no dead letter ${id}`);
      return wholeOf(letter);
    }),
    route(OPERATIONS.planLetters, async ({ body: { act, selection, edit } }) => {
      const asked = edit === undefined ? NO_EDIT : editFromJson(edit);
      const letters =
        "ids" in selection ? await named(selection.ids) : await chosen(selection.filter, { afresh: true });
      if (letters.length > LIMITS.plannedLetters) {
        throw new Fault(
          "act_conflict",
          `${letters.length} letters are chosen, and a plan takes ${LIMITS.plannedLetters}`,
          {
            hint: "Choose fewer: one group, one source, or an hour.",
          },
        );
      }
      await assertEditable(fleet(), letters, act, asked);
      const requestsPerMinute = await quotasNow(watch, configuration());
      const context = { temporaryTexts: queue.temporaryTexts, clock, requestsPerMinute };
      return await planDeadLetters(fleet(), { act, chosen: letters, edit: asked }, context).catch(asFault);
    }),
    route(OPERATIONS.carryOutLetters, async ({ body: { plan, reason }, caller }) => {
      const by = actorOf(caller, reason);
      const kept = await takePlan(queue.temporaryTexts, plan);
      const action = `letters.${kept.act}`;
      const target = kept.letters.length === 1 ? kept.letters[0]!.id : `${kept.letters.length} dead letters`;
      // A short task may end before its begin is noted.
      const noted = Promise.withResolvers<void>();
      const names = nameDeadLetters();
      const { task } = await acting(queue, by, { action, target }, async () => {
        const begun = await fleetTasks.begin({
          kind: `letters.${kept.act}`,
          by: by.actor,
          of: kept.letters.length,
          async run(progress) {
            await noted.promise;
            await carryOut(fleet, kept, progress, names.add);
          },
          async onEnd({ id, state, results }) {
            index.forget();
            const details = { task: id, results, letters: names.named() };
            await queue.acts.note({ ...by, action, target, reason: reason ?? null, result: state, details });
          },
        });
        return {
          word: "begun",
          task: begun,
          details: { task: begun.id, letters: kept.letters.length, edit: kept.edit },
        };
      }).finally(noted.resolve);
      return task;
    }),
  ];
}

/** @throws Fault `edit_invalid` */
async function assertEditable(
  fleet: Fleet,
  letters: readonly IndexedDeadLetter[],
  act: "replay" | "discard",
  edit: DeadLetterEdit,
): Promise<void> {
  if (!hasEdit(edit)) return;
  if (act === "discard") throw new Fault("edit_invalid", "what is discarded is not edited");
  if (letters.length !== 1)
    throw new Fault("edit_invalid", `an edit is for one dead letter, and ${letters.length} are chosen`);
  const letter = await findDeadLetter(fleet, letters[0]!.id);
  if (letter !== null && editableOf(letter) === "no") throw new Fault("edit_invalid", "it is replayed as it came");
}

function asFault(error: unknown): never {
  if (error instanceof SluiceError && error.code === "edit_invalid") {
    throw new Fault("edit_invalid", error.message, { cause: error });
  }
  throw error;
}
