import { readFileSync } from "node:fs";
import { isObject, parseJson, type Json } from "@sluice/event";
import type { DeadLetterEdit } from "@sluice/operator";
import { SluiceError } from "@sluice/runtime";

/** The edit that `--set`, `--unset` and `--edit` ask for. */
export type EditOptions = {
  readonly set?: readonly string[];
  readonly unset?: readonly string[];
  readonly edit?: string;
};

/**
 * A file holds `{"fields": {…}}` as `dead show --json` prints it under `change`, for the letter of a record, or the event, for the
 * letter of an event.
 * @throws SluiceError `edit_invalid`
 */
export function editFromOptions({ set, unset = [], edit }: EditOptions, isOfEvent: boolean): DeadLetterEdit {
  const assigned = assignments(set);
  if (edit === undefined) return { set: new Map(assigned), unset };
  const written = readObject(edit);
  if (isOfEvent) return { set: new Map(assigned), unset, event: written };
  const { fields } = written;
  if (!isObject(fields)) {
    throw invalid(`${edit} has no "fields"`, 'write {"fields": {"tier": "gold"}}, with what is to be sent');
  }
  return { set: new Map([...Object.entries(fields as Record<string, Json>), ...assigned]), unset };
}

export function isEdited({ set = [], unset = [], edit }: EditOptions): boolean {
  return set.length > 0 || unset.length > 0 || edit !== undefined;
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
  if (isObject(value)) return { ...value };
  throw invalid(`${path} holds no JSON object`, "write the change or the event as one object");
}

function invalid(message: string, hint: string): SluiceError {
  return new SluiceError(message, { code: "edit_invalid", hint });
}
