import { readFileSync } from "node:fs";
import { parseJson, type Event, type Json } from "@sluice/event";
import { NAME_FIELD, type Edit } from "@sluice/record";
import { SluiceError } from "@sluice/runtime";

/** What `--set`, `--unset` and `--edit` ask for. */
export type EditOptions = {
  readonly set?: readonly string[];
  readonly unset?: readonly string[];
  readonly edit?: string;
};

export function hasEdit({ set = [], unset = [], edit }: EditOptions): boolean {
  return set.length > 0 || unset.length > 0 || edit !== undefined;
}

/**
 * For the letter of a record: fields by their key, the record's own name as `name`. A file holds
 * `{"fields": {…}}` as `dead show --json` prints it under `change`.
 * @throws SluiceError `edit_invalid`
 */
export function recordEdit(options: EditOptions): Edit {
  const set = new Map<string, Json>();
  if (options.edit !== undefined) {
    const { fields } = readObject(options.edit);
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
      throw invalid(`${options.edit} has no "fields"`, 'write {"fields": {"tier": "gold"}}, with what is to be sent');
    }
    for (const [field, value] of Object.entries(fields)) set.set(fieldOf(field), value as Json);
  }
  for (const [path, value] of assignments(options.set)) set.set(fieldOf(path), value);
  return { set, drop: new Set((options.unset ?? []).map(fieldOf)) };
}

/** For the letter of an event: the event as it is to be mapped, with members set by their path, e.g. `data.balance`. */
export function editedEvent(event: Event, options: EditOptions): Event {
  const whole =
    options.edit === undefined ? structuredClone(event) : ({ ...event, ...readObject(options.edit) } as Event);
  for (const [path, value] of assignments(options.set)) place(whole, path, value);
  for (const path of options.unset ?? []) place(whole, path, undefined);
  return whole;
}

function fieldOf(name: string): string {
  return name === "name" ? NAME_FIELD : name;
}

function assignments(texts: readonly string[] = []): readonly (readonly [path: string, value: Json])[] {
  return texts.map((text) => {
    const equals = text.indexOf("=");
    if (equals < 1) {
      throw invalid(`--set ${JSON.stringify(text)} has no value`, "write --set tier=gold, or --set 'tags=[\"a\"]'");
    }
    return [text.slice(0, equals), readValue(text.slice(equals + 1))];
  });
}

/** JSON where it is JSON, otherwise the text itself, so that words need no quotes in the shell. */
function readValue(text: string): Json {
  try {
    return parseJson(Buffer.from(text));
  } catch {
    return text;
  }
}

function readObject(path: string): { [member: string]: unknown } {
  let value: Json;
  try {
    value = parseJson(readFileSync(path));
  } catch (cause) {
    throw new SluiceError(`${path} can't be read as JSON`, {
      code: "edit_invalid",
      hint: "write what `sluice dead show ID --json` prints under `change` or `event` into it, and change that",
      cause,
    });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw invalid(`${path} holds no JSON object`, "write the change or the event as one object");
}

function place(root: object, path: string, value: Json | undefined): void {
  const names = path.split(".");
  const last = names.pop()!;
  let at = root as { [member: string]: unknown };
  for (const name of names) {
    const next = at[name];
    if (typeof next !== "object" || next === null) {
      throw invalid(`the event has no ${path}`, "`sluice dead show ID` prints the event and its members");
    }
    at = next as { [member: string]: unknown };
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
}

function invalid(message: string, hint: string): SluiceError {
  return new SluiceError(message, { code: "edit_invalid", hint });
}
