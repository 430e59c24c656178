import type { Event, Json } from "@sluice/event";
import { NAME_FIELD, type Edit } from "@sluice/record";
import { SluiceError } from "@sluice/runtime";

/** Changes to a dead letter before it is replayed. */
export type DeadLetterEdit = {
  /** Fields of the record by their key (`name` for its own), or members of the event by their path (`data.tier`). */
  readonly set: ReadonlyMap<string, Json>;
  readonly unset: readonly string[];
  /** Members of the event as they are to be, beside those that `set` names. */
  readonly event?: Readonly<Record<string, unknown>>;
};

export const NO_EDIT: DeadLetterEdit = { set: new Map(), unset: [] };

export function hasEdit({ set, unset, event }: DeadLetterEdit): boolean {
  return set.size > 0 || unset.length > 0 || event !== undefined;
}

/** For the letter of a record: fields by their key, the record's own name as `name`. */
export function recordEdit({ set, unset }: DeadLetterEdit): Edit {
  return {
    set: new Map([...set].map(([name, value]) => [fieldOf(name), value])),
    drop: new Set(unset.map(fieldOf)),
  };
}

/**
 * For the letter of an event: the event as it is to be mapped, with members set by their path, e.g. `data.balance`.
 * @throws SluiceError `edit_invalid`
 */
export function editedEvent(event: Event, edit: DeadLetterEdit): Event {
  const whole = structuredClone({ ...event, ...edit.event }) as Event;
  for (const [path, value] of edit.set) place(whole, path, value);
  for (const path of edit.unset) place(whole, path, undefined);
  return whole;
}

function fieldOf(name: string): string {
  return name === "name" ? NAME_FIELD : name;
}

function place(root: object, path: string, value: Json | undefined): void {
  const names = path.split(".");
  const last = names.pop()!;
  let at = root as { [member: string]: unknown };
  for (const name of names) {
    const next = Object.hasOwn(at, name) ? at[name] : undefined;
    if (typeof next !== "object" || next === null) {
      throw new SluiceError(`the event has no ${path}`, {
        code: "edit_invalid",
        hint: "`sluice dead show ID` prints the event and its members",
      });
    }
    at = next as { [member: string]: unknown };
  }
  if (value === undefined) delete at[last];
  else Object.defineProperty(at, last, { value, enumerable: true, configurable: true, writable: true });
}
