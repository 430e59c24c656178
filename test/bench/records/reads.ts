import type { Reads } from "./load.ts";

type Request = Reads["requests"][number];

/** A kind of read, each time with other values. */
export type Read = { readonly title: string; readonly request: (turn: number) => Request; readonly scans?: boolean };

const records = (object: string, path: string): string => `/api/v2/custom_objects/${object}/records${path}`;
const get = (path: string): Request => ({ method: "GET", path });
const filter = (object: string, condition: object, sort = ""): Request => ({
  method: "POST",
  path: records(object, `/search?sort=${sort === "" ? "created_at" : sort}`),
  body: JSON.stringify({ filter: condition }),
});
const field = (key: string, condition: object) => ({ [`custom_object_fields.${key}`]: condition });
const words = ["lisbon", "oslo", "graz", "lyon", "turin"];

/** The reads of an object with so many records; `cursors` lead to places spread over all of it. */
export function readsOf(object: string, count: number, cursors: readonly string[]): Read[] {
  const at = (turn: number) => (turn * 104_729) % count;
  return [
    { title: "list, first page, 100 records", request: () => get(records(object, "?page[size]=100")) },
    {
      title: "list, a page in the middle",
      request: (turn) => get(records(object, `?page[size]=100&page[after]=${cursors[turn % cursors.length]}`)),
    },
    { title: "list by -updated_at", request: () => get(records(object, "?page[size]=100&sort=-updated_at")) },
    {
      title: "list of 100 external_ids",
      request: (turn) => {
        const ids = Array.from({ length: 100 }, (_, n) => `netsuite:${at(turn * 100 + n)}`);
        return get(records(object, `?filter[external_ids]=${ids.join(",")}`));
      },
    },
    {
      title: "filter: a rare value",
      request: (turn) => filter(object, field("score", { $eq: at(turn) * 10 + 5_000 })),
    },
    {
      title: "filter: a common value",
      request: (turn) => filter(object, field("tier", { $eq: turn % 2 ? "gold" : "tin" })),
    },
    {
      title: "filter: two values and a range",
      request: (turn) =>
        filter(object, {
          $and: [
            field("tier", { $eq: "gold" }),
            field("city", { $eq: ["Lisbon", "Oslo"][turn % 2] }),
            field("due", { $gte: "2026-06-01" }),
          ],
        }),
    },
    {
      title: "filter: $or of a value and an external_id",
      request: (turn) =>
        filter(object, {
          $or: [{ external_id: { $eq: `netsuite:${at(turn)}` } }, field("score", { $eq: at(turn) * 10 + 5_000 })],
        }),
    },
    { title: "filter: a wide range", request: () => filter(object, field("due", { $lt: "2026-03-01" })) },
    {
      title: "filter: a range that nothing is in",
      scans: true,
      request: () => filter(object, field("balance", { $gt: 1e12 })),
    },
    { title: "filter: name $contains", request: (turn) => filter(object, { name: { $contains: `mer ${at(turn)}` } }) },
    {
      title: "filter: updated_at, newest first",
      request: () => filter(object, { updated_at: { $gt: "2026-01-01T00:00:00Z" } }, "-updated_at"),
    },
    {
      title: "search: a word that all have and one that one has",
      request: (turn) => get(records(object, `/search?query=netsuite:${at(turn)}`)),
    },
    {
      title: "search: a word of an eighth of all",
      request: (turn) => get(records(object, `/search?query=${words[turn % words.length]}`)),
    },
    {
      title: "autocomplete: a rare part",
      request: (turn) => get(records(object, `/autocomplete?name=er ${at(turn)}`.replace(" ", "%20"))),
    },
    { title: "count", scans: true, request: () => get(records(object, "/count")) },
  ];
}
