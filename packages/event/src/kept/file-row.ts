import type { Event, Json } from "../event.ts";
import { parseJson } from "../body/json.ts";
import type { KeptWebhook } from "./kept-webhook.ts";

/** A row of a file, as an event of a source. */
export type FileRow = {
  readonly id: string;
  readonly type: string;
  readonly time: string | null;
  readonly data: Json;
};

/** The word that stands in the place of an HTTP method where a kept webhook is a row of a file. */
export const FILE_METHOD = "FILE";

/** A row in the form in which webhooks wait to be understood. No sender made it, so its source's scheme does not read it. */
export function keepRow(row: FileRow, file: string): KeptWebhook {
  const { id, type, time, data } = row;
  return {
    method: FILE_METHOD,
    url: file,
    path: file,
    query: "",
    headers: [],
    body: JSON.stringify({ id, type, time, data }),
  };
}

export function isFileRow({ method }: Pick<KeptWebhook, "method">): boolean {
  return method === FILE_METHOD;
}

/** The event of a row that was kept. */
export function readRow({ body }: Pick<KeptWebhook, "body">, source: string): Event {
  const { id, type, time, data } = parseJson(Buffer.from(body)) as FileRow;
  return { id, type, time, source, data, headers: {} };
}
