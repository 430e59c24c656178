import { SluiceError } from "@sluice/runtime";
import {
  createZendeskClient,
  ensureObject,
  type DeclaredObject,
  type ZendeskClient,
} from "@sluice/destination/zendesk";
import type { WantedObjects, WantedObject } from "./wanted-objects.ts";

/**
 * Makes the objects and fields that are missing, and says of each what was done. Existing ones stay as they are, so the work
 * can be done again, also after it broke off half-way.
 * @throws SluiceError `object_differs` once all else is made, where a field exists with another type;
 * DestinationRefusedError, DestinationUnreachableError
 */
export async function makeObjects(
  { objects, destinations }: WantedObjects,
  tell: (line: string) => void,
): Promise<void> {
  const differs: string[] = [];
  for (const [name, destination] of destinations) {
    const wanted = objects.filter((each) => each.destination === name);
    if (wanted.length === 0) continue;
    const { url, auth, timeoutMs } = destination;
    const client = createZendeskClient({ url, auth, concurrency: 1, timeoutMs });
    try {
      for (const each of wanted) differs.push(...(await makeObject(client, each, tell)));
    } finally {
      await client.close();
    }
  }
  if (objects.length === 0) tell("There is nothing to make: no row of the source names an object.");
  if (differs.length === 0) return;
  throw new SluiceError(
    ["the destination has fields of another type:", ...differs.map((each) => `  ${each}`)].join("\n"),
    {
      code: "object_differs",
      hint: "no field's type can be changed: give the field another key in the source's rows and under `objects`, or the type there that it has; then run this again",
    },
  );
}

async function makeObject(
  client: ZendeskClient,
  { destination, key, definition }: WantedObject,
  tell: (line: string) => void,
): Promise<readonly string[]> {
  const place = `${destination}/${key}`;
  if (definition === undefined) {
    tell(`${place}: not made, since sluice.yaml does not define it under \`objects\``);
    return [];
  }
  const { made, differs } = await ensureObject(client, definition);
  const left = namesOf(definition).filter((name) => !made.includes(name));
  const parts = [
    ...(made.length === 0 ? [] : [`made ${made.join(", ")}`]),
    ...(left.length === 0 ? [] : [`left as it is: ${left.join(", ")}`]),
  ];
  tell(`${place}: ${parts.join("; ")}`);
  return differs.map((each) => `${destination}/${each}`);
}

function namesOf({ key, fields }: DeclaredObject): readonly string[] {
  return [key, ...[...fields.keys()].map((field) => `${key}.${field}`)];
}
