import type { Configuration, DestinationConfiguration } from "@sluice/runtime";
import { NAME_FIELD } from "@sluice/record";
import { createZendeskClient, type ZendeskClient } from "@sluice/destination/zendesk";
import type { WantedObject } from "./wanted-objects.ts";

/** The fields that rows write, by destination and object. */
export function writtenObjects({ sources, objects }: Configuration): readonly WantedObject[] {
  const wanted = new Map<string, WantedObject>();
  for (const { destination, object } of [...sources.values()].flatMap(({ mappings }) => mappings)) {
    wanted.set(`${destination}/${object}`, { destination, key: object, definition: objects.get(object) });
  }
  return [...wanted.values()];
}

/** Objects and fields that rows write and a destination does not have, a line each. Nothing is made. */
export async function missingObjects(configuration: Configuration): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const [name, destination] of configuration.destinations) {
    const client = clientOf(destination);
    try {
      for (const { key } of writtenObjects(configuration).filter((each) => each.destination === name)) {
        missing.push(...(await missingOf(client, name, key, fieldsOf(configuration, name, key))));
      }
    } finally {
      await client.close();
    }
  }
  return missing;
}

function clientOf({ url, auth, timeoutMs }: DestinationConfiguration): ZendeskClient {
  return createZendeskClient({ url, auth, concurrency: 1, timeoutMs });
}

/** The fields of an object that rows set. */
function fieldsOf({ sources }: Configuration, destination: string, object: string): ReadonlySet<string> {
  const rows = [...sources.values()]
    .flatMap(({ mappings }) => mappings)
    .filter((mapping) => mapping.destination === destination && mapping.object === object);
  const fields = rows.flatMap((mapping) => (mapping.fields ?? []).map(({ field }) => field));
  return new Set(fields.filter((field) => field !== NAME_FIELD));
}

async function missingOf(
  client: ZendeskClient,
  destination: string,
  object: string,
  fields: ReadonlySet<string>,
): Promise<readonly string[]> {
  const { status, body } = await client.ask("GET", `custom_objects/${encodeURIComponent(object)}/fields`, null);
  if (status === 404) return [`${destination} has no object "${object}"`];
  if (status < 200 || status > 299) return [`${destination} answers ${status} when it is asked for ${object}`];
  const { custom_object_fields: present } = body as {
    readonly custom_object_fields: readonly { readonly key: string }[];
  };
  const keys = new Set(present.map(({ key }) => key));
  return [...fields]
    .filter((field) => !keys.has(field))
    .map((field) => `${destination}/${object} has no field "${field}"`);
}
