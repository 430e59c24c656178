import { readFileSync } from "node:fs";
import {
  identityWarnings,
  presetFetches,
  readEvents,
  UnreadableBodyError,
  type Event,
  type Json,
  type Sender,
} from "@sluice/event";
import { unknownTypes } from "@sluice/runtime";
import { expect } from "vitest";
import { changed, leavesOf, mapped, mappingsOf, NAME, setBy } from "./preset.fixture.ts";

/**
 * The table of kinds: what was looked at of a sender for each kind of fault, and what holds it. `run` is done by `kinds.test.ts`; `test` is the
 * title of one that stands elsewhere, and has to be there; `none` says why the sender can't have the fault, and `run` then proves it.
 */
export type Cell = { readonly looked: string } & (
  | { readonly run: () => void | Promise<void>; readonly none?: string }
  | { readonly test: string; readonly in: string }
);

type Kind = { readonly name: string; readonly cell: (sender: Sender) => Cell };

/** The words of a path, of the sample's body, or of a header before which `header:` stands. */
type Place = readonly string[];

/** The events of the sample with one place of it changed. */
function eventsWith(sender: Sender, place?: Place, value?: Json | undefined): readonly Event[] {
  const { body, headers, query = "", method = "POST" } = sender.sample;
  const [first = "", name = ""] = place ?? [];
  const isHeader = first === "header:";
  const own = isHeader ? { ...headers, [name]: String(value) } : headers;
  const sent = place === undefined || isHeader ? body : changed(body, place, value);
  return readEvents(
    sender,
    {
      method,
      url: `https://in.example.com/webhooks/it${query}`,
      path: "/webhooks/it",
      query: query.slice(1),
      headers: new Map(Object.entries(own).map(([header, each]) => [header, [each]])),
      body: Buffer.from(typeof sent === "string" ? sent : JSON.stringify(sent)),
    },
    "it",
  );
}

function readable(sender: Sender, place: Place, value: Json | undefined): readonly Event[] {
  try {
    return eventsWith(sender, place, value);
  } catch (error) {
    // What can't be read is refused as a whole, and nothing of it is a wrong record.
    if (error instanceof UnreadableBodyError) return [];
    throw error;
  }
}

const isXml = ({ sample }: Sender): boolean => typeof sample.body === "string";
const SOAP = "packages/event/src/sender-events.test.ts";
const placesOf = ({ sample }: Sender): readonly Place[] => [
  ...leavesOf(sample.body),
  ...Object.keys(sample.headers).map((name) => ["header:", name]),
];

/** A place whose change alone makes the first event another one. */
function namesEvent(sender: Sender, place: Place): boolean {
  const [first] = eventsWith(sender);
  const [other] = readable(sender, place, valueAt(sender, place) === "another" ? "one more" : "another");
  return other !== undefined && other.id !== first!.id;
}

function valueAt({ sample }: Sender, place: Place): Json | undefined {
  const [first = "", name = ""] = place;
  if (first === "header:") return sample.headers[name];
  return place.reduce<Json | undefined>((value, member) => (value as Record<string, Json>)[member], sample.body);
}

const identity: Kind = {
  name: "K1: an id made of record and time",
  cell: (sender) => {
    if (isXml(sender)) {
      return { looked: "the notification's own Id", test: "a record keeps its texts, what is nil is null", in: SOAP };
    }
    const { id, volatile = [] } = sender.event;
    const isGiven = id.length > 0 && !eventsWith(sender)[0]!.id.startsWith("sha256:");
    return {
      looked: isGiven ? `what makes the id: ${id.join(", ")}` : "that nothing is given, and the id is made of all",
      run: async () => {
        const places = placesOf(sender).filter((place) => namesEvent(sender, place));
        if (isGiven) {
          // A record's id with the time of its change is no event's: one of them has to be neither.
          const own: string[] = [];
          for (const place of places) if (await isEventsOwn(sender, place)) own.push(place.join("."));
          expect(own, `only ${places.map((place) => place.join(".")).join(", ")}`).not.toEqual([]);
          return;
        }
        const content = leavesOf(sender.sample.body).filter((place) => !isLeftOut(sender, place, volatile));
        const unseen = content.filter(
          (place) => readable(sender, place, "another").length > 0 && !namesEvent(sender, place),
        );
        expect(unseen.map((place) => place.join("."))).toEqual([]);
      },
    };
  },
};

/** Neither a time nor what names the record. */
async function isEventsOwn(sender: Sender, place: Place): Promise<boolean> {
  const value = valueAt(sender, place);
  if (isTime(value)) return false;
  if (place[0] === "header:") return true;
  const own = (event: Event | undefined): string => JSON.stringify(event?.data);
  if (own(eventsWith(sender)[0]) === own(readable(sender, place, "another")[0])) return true;
  const isCloudEvent = valueAt(sender, [...place.slice(0, -1), "specversion"]) !== undefined;
  if (isCloudEvent && place.at(-1) === "id") return true;
  if (OWN_NAMES.test(place.at(-1)!) || OWN_VALUES.test(String(value))) return true;
  if (!hasPreset(sender) || isThin(sender)) return false;
  const keys = async (body: Json): Promise<string> =>
    JSON.stringify([...((await setBy(sender, body)) ?? new Map()).keys()]);
  return (await keys(sender.sample.body)) === (await keys(changed(sender.sample.body, place, "another")));
}

/** Members that senders call an event's own id, and values that look like one. */
const OWN_NAMES = /^(?:event_?id|triggerUuid)$/i;
const OWN_VALUES = /^(?:EV|ev_|evt_)/;

/** A place that differs between attempts, that is a credential, or that stands outside the elements. */
function isLeftOut({ event }: Sender, place: Place, volatile: readonly string[]): boolean {
  const { omit = [], split, each } = event;
  const path = place.filter((member) => !/^\d+$/.test(member)).join(".");
  const at = typeof split === "object" ? split.at.replaceAll("[]", "") : "";
  if (at !== "" && !path.startsWith(`${at}.`)) return true;
  const own = at === "" ? path : path.slice(at.length + 1);
  // Of several ids each event has its own.
  return [...volatile, ...omit, ...(typeof each === "string" ? [each] : [])].some(
    (name) => own === name || own.startsWith(`${name}.`),
  );
}

function isTime(value: Json | undefined): boolean {
  if (typeof value === "number") return value > 1e9 && value < 1e17 && /^17\d{8}/.test(String(value));
  return typeof value === "string" && /^\d{4}-\d\d-\d\d[T ]/.test(value);
}

const tie: Kind = {
  name: "K2: whole seconds, then a random id",
  cell: (sender) => ({
    looked: "what decides between equal versions",
    run: () => {
      for (const { id, version, time, finer } of eventsWith(sender)) {
        for (const own of [version, time, finer]) expect(own ?? "none").not.toBe(id);
        // Finer than the version or the version's own source; the rest of the rule is `stamp.test.ts`: version, rank, finer time, arrival.
        if (finer !== undefined && version !== undefined) expect(finer.length).toBeGreaterThanOrEqual(version.length);
      }
    },
  }),
};

const types: Kind = {
  name: "K3: a closed list of types",
  cell: (sender) => {
    const hasPreset = (sender.presets ?? []).length > 0;
    return {
      looked: hasPreset
        ? "that a type which the preset does not know is told"
        : "that a type which no row knows is told",
      run: () => {
        const mappings = hasPreset
          ? mappingsOf(sender, presetFetches(sender) !== "never" && sender.fetch !== undefined)
          : [];
        const type = `${eventsWith(sender)[0]!.type}.renamed`;
        const seen = [{ type, made: 0, duplicate: 0, ignored: 1, dead: 0 }];
        expect(unknownTypes({ mappings, unmapped: [] }, seen)).toEqual(seen);
      },
    };
  },
};

const isThin = ({ event }: Sender): boolean => event.thin === "always";
const hasPreset = ({ presets = [] }: Sender): boolean => presets.length > 0;

const THIN = "test/e2e/thin-presets.test.ts";

const partial: Kind = {
  name: "K4: absent, null and part of a compound",
  cell: (sender) => {
    if (!hasPreset(sender))
      return {
        looked: "that there is no preset which could tell them apart wrongly",
        none: "rows are the operator's: docs/mapping.md",
        run: () => expect(sender.presets ?? []).toEqual([]),
      };
    if (isThin(sender))
      return { looked: "its documents", test: "whatever value of a document is null or missing", in: THIN };
    if (isXml(sender))
      return {
        looked: "that an emptied field is left out of the message",
        test: "whatever value of a sample is null or missing",
        in: "packages/cli/src/senders/presets.test.ts",
      };
    return { looked: "each value of the sample, absent, null and empty", run: async () => await clearsRightly(sender) };
  },
};

async function clearsRightly(sender: Sender): Promise<void> {
  const { body } = sender.sample;
  const whole = await setBy(sender, body);
  expect(whole?.size).toBeGreaterThan(0);
  for (const path of leavesOf(body)) {
    const cases = [
      { value: undefined, allowed: [undefined] },
      { value: null, allowed: [undefined, null] },
      { value: "", allowed: [undefined, null] },
    ];
    for (const { value, allowed } of cases) {
      // Items of a list are no members, and Dataverse's columns are lists of two members.
      if (value === undefined && (/^\d+$/.test(path.at(-1)!) || path.includes("Attributes"))) continue;
      const left = await setBy(sender, changed(body, path, value));
      for (const [record, set] of left ?? []) {
        const before = whole?.get(record);
        if (before === undefined) continue;
        for (const field of Object.keys(before).filter((each) => each !== NAME)) {
          const place = `${path.join(".")} = ${String(value)}: ${field}`;
          expect([before[field], ...allowed], place).toContainEqual(set[field]);
        }
        expectName(set[NAME], path.join("."));
      }
    }
    for (const [, set] of (await setBy(sender, changed(body, path, false))) ?? [])
      expectName(set[NAME], path.join("."));
  }
}

/** A name is a text that says something, or is not there. */
function expectName(name: Json | undefined, place: string): void {
  expect(
    name === undefined || (typeof name === "string" && name.trim() !== ""),
    `${place}: ${JSON.stringify(name)}`,
  ).toBe(true);
  expect(name ?? "").not.toMatch(/null|undefined|false (?=Byron)/);
}

const promise: Kind = {
  name: "K5: a number that promises no order",
  cell: (sender) => ({
    looked: sender.guide.order,
    run: () => {
      for (const { version } of eventsWith(sender)) expect(version ?? "2026-11-05T").toMatch(/^\d{4}-\d\d-\d\dT/);
      expect((sender.event.version ?? []).filter(({ unit }) => unit === "integer")).toEqual([]);
    },
  }),
};

const place: Kind = {
  name: "K6: matched by a key that can come twice",
  cell: (sender) => {
    const { split, each } = sender.event;
    if (each === "ids")
      return {
        looked: "ids and the values that belong to them",
        test: "Zoho: each of several ids has its own values",
        in: "packages/cli/src/senders/field-facts.test.ts",
      };
    if (isXml(sender))
      return {
        looked: "notifications of one message",
        test: "a record keeps its texts, what is nil is null",
        in: SOAP,
      };
    const at = split === "many" ? [] : typeof split === "object" ? split.at.split(/\[\]\.|\[\]|\./) : undefined;
    const array = at === undefined ? undefined : arrayAt(sender.sample.body, at);
    if (array === undefined) {
      return {
        looked: "that a request is one event",
        none: "nothing is matched",
        run: () =>
          expect(eventsWith(sender)).toHaveLength(Array.isArray(sender.sample.body) ? sender.sample.body.length : 1),
      };
    }
    return {
      looked: "two elements of one request about one record",
      run: () => {
        const twice = structuredClone(sender.sample.body);
        const elements = arrayAt(twice, at!)!;
        const first = elements[0]!;
        const leaf = leavesOf(first).at(-1)!;
        elements.push(changed(first, leaf, "the second"));
        const events = readEvents(sender, requestOf(sender, twice), "it");
        const before = eventsWith(sender).length;
        expect(events.length).toBeGreaterThan(before);
        expect(JSON.stringify(events.at(-1)!.data)).not.toBe(JSON.stringify(events[0]!.data));
        expect(JSON.stringify(events.slice(0, before))).not.toContain("the second");
      },
    };
  },
};

function arrayAt(body: Json, path: readonly string[]): Json[] | undefined {
  const found = path
    .filter((step) => step !== "")
    .reduce<Json | undefined>((value, step) => {
      const holder = Array.isArray(value) ? (value as Json[])[0] : value;
      return (holder as Record<string, Json> | undefined)?.[step];
    }, body);
  return Array.isArray(found) ? (found as Json[]) : undefined;
}

function requestOf({ sample }: Sender, body: Json): Parameters<typeof readEvents>[1] {
  const { headers, query = "", method = "POST" } = sample;
  return {
    method,
    url: `https://in.example.com/webhooks/it${query}`,
    path: "/webhooks/it",
    query: query.slice(1),
    headers: new Map(Object.entries(headers).map(([header, each]) => [header, [each]])),
    body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  };
}

const EXACT = "12345678901234.5678";

const rounded: Kind = {
  name: "K7: rounded in silence",
  cell: (sender) => {
    if (isXml(sender))
      return {
        looked: "that values are texts as they stand in the message",
        test: "a record keeps its texts, what is nil is null",
        in: SOAP,
      };
    return {
      looked: "an amount that no double holds, at the door and through the preset",
      run: async () => {
        const bare = changed(sender.sample.body, leavesOf(sender.sample.body).at(-1)!, "@@");
        const text = JSON.stringify(bare).replace('"@@"', EXACT);
        let events: readonly Event[] = [];
        try {
          events = readEvents(sender, requestOf(sender, text), "it");
        } catch (error) {
          if (!(error instanceof UnreadableBodyError)) throw error;
        }
        const said = JSON.stringify(events.map(({ data }) => data));
        if (said.includes("1234567890")) expect(said).toContain(EXACT);
        if (!hasPreset(sender) || isThin(sender)) return;
        for (const path of leavesOf(sender.sample.body)) {
          for (const [record, set] of (await setBy(sender, changed(sender.sample.body, path, EXACT))) ?? []) {
            for (const [field, value] of Object.entries(set))
              expect(value, `${record} ${field}`).not.toBe(Number(EXACT));
          }
        }
      },
    };
  },
};

const spelled: Kind = {
  name: "K8: a time in another spelling",
  cell: (sender) => ({
    looked: "each value of the sample in place of a time that can't be read",
    run: async () => {
      if (isXml(sender)) {
        const text = (sender.sample.body as string).replace("2026-11-05T11:59:57.000Z", "soon");
        expect(readEvents(sender, requestOf(sender, text), "it")[0]).toMatchObject({ time: null });
        return;
      }
      const before = eventsWith(sender)[0]!;
      for (const path of placesOf(sender)) {
        const [event] = readable(sender, path, "soon");
        for (const time of [event?.time, event?.version, event?.finer]) {
          // Another of its own times stands in, or none does; never one that was made up.
          if (time != null) expect(time).toMatch(/^2026-11-05T/);
        }
        if (isTime(valueAt(sender, path)) && event !== undefined)
          expect(Date.parse(event.time ?? before.time ?? "0")).not.toBeNaN();
      }
      for (const { fields } of isThin(sender) ? [] : (sender.presets ?? [])) {
        for (const { key, type, from } of fields) {
          // `own-functions.test.ts` holds that $toDate of what is no date is nothing.
          if (type === "date")
            expect(
              mappingsOf(sender, false).some(({ fields: rows }) =>
                rows?.some((row) => row.field === key && row.expression.text === `$toDate(${from})`),
              ),
            ).toBe(true);
        }
      }
    },
  }),
};

const elsewhere: Kind = {
  name: "K9: a key where it means something else",
  cell: (sender) => {
    if (!(sender.presets ?? []).some(({ fetch }) => fetch !== undefined)) {
      return {
        looked: "that no URL is made of its ids",
        none: "nothing is fetched; what the destination is asked is escaped by its own client",
        run: () => {
          if (hasPreset(sender)) expect(mappingsOf(sender, false).filter(({ fetch }) => fetch !== null)).toEqual([]);
        },
      };
    }
    return { looked: "ids that look like parts of a URL or of OData", run: async () => await staysOneValue(sender) };
  },
};

async function staysOneValue(sender: Sender): Promise<void> {
  const { body } = sender.sample;
  const asked = async (of: Json): Promise<readonly string[]> => {
    const events = await mapped(sender, mappingsOf(sender, true), of).catch(() => []);
    return events.flatMap(({ changes }) =>
      changes.filter(({ object }) => object.endsWith(".fetch")).map(({ key }) => key.value),
    );
  };
  // HubSpot's workflows send what was chosen there: they have no preset of their own.
  const [usual = ""] = await asked(body);
  expect(usual).not.toBe("");
  const shape = (url: string): string =>
    `${new URL(url).pathname.split("/").length} ${[...new URL(url).searchParams.keys()].join()}`;
  for (const path of leavesOf(body)) {
    for (const value of ["a/../b", "x?admin=1#y", "1') or ('1'='1"]) {
      for (const url of await asked(changed(body, path, value))) {
        expect(shape(url), url).toBe(shape(usual));
        // Within OData's quotes there is no quote that is not doubled.
        const isOpen = usual.includes("('") && url.replaceAll("''", "").split("'").length !== 3;
        expect(isOpen, url).toBe(false);
      }
    }
  }
}

const ENVELOPES: Readonly<Record<string, { readonly looked: string; readonly test: string }>> = {
  cloudevents: {
    looked: "datacontenttype, data_base64 and the three modes",
    test: "CloudEvents are read structured, in batches and binary",
  },
  form: { looked: "forms and the JSON in their fields", test: "forms are read where their sender writes them" },
  dataverse: { looked: "the types that its columns name", test: "Dataverse's columns become members" },
  "salesforce-soap": {
    looked: "entities, nil and the document's own type",
    test: "a record keeps its texts, what is nil is null",
  },
};

const envelope: Kind = {
  name: "K10: the envelope's own encoding",
  cell: (sender) => {
    const own = ENVELOPES[sender.body ?? "json"];
    if (own !== undefined) return { ...own, in: SOAP };
    return {
      looked: "a document with a byte order mark, and one that is no JSON",
      run: () => {
        const text = JSON.stringify(sender.sample.body);
        const plain = eventsWith(sender).map(({ data }) => data);
        const marked = (): readonly Json[] =>
          readEvents(sender, requestOf(sender, `\uFEFF${text}`), "it").map(({ data }) => data);
        try {
          expect(marked()).toEqual(plain);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableBodyError);
        }
        expect(() => readEvents(sender, requestOf(sender, text.slice(0, -1)), "it")).toThrow(UnreadableBodyError);
      },
    };
  },
};

const attempt: Kind = {
  name: "K11: the time of an attempt",
  cell: (sender) => ({
    looked: "what differs from one attempt to the next: the signature's time and what the scheme calls volatile",
    run: () => {
      expect(identityWarnings(sender)).toEqual([]);
      if (isXml(sender)) return;
      const told = (events: readonly Event[]): object =>
        events.map(({ id, time, finer, version }) => [id, time, finer, version]);
      const first = told(eventsWith(sender));
      const { check, event } = sender;
      const headers =
        check.type === "signature" ? [check, check.stronger].flatMap((each) => each?.ts?.header ?? []) : [];
      for (const header of headers) {
        for (const value of ["1793880000", "2026-11-05T12:05:00Z"]) {
          expect(told(eventsWith(sender, ["header:", header], value)), header).toEqual(first);
        }
      }
      for (const path of leavesOf(sender.sample.body)) {
        const own = path.filter((member) => !/^\d+$/.test(member)).join(".");
        if (event.volatile?.some((name) => own === name || own.endsWith(`.${name}`)) !== true) continue;
        expect(told(readable(sender, path, 9)), own).toEqual(first);
      }
    },
  }),
};

export const KINDS: readonly Kind[] = [
  identity,
  tie,
  types,
  partial,
  promise,
  place,
  rounded,
  spelled,
  elsewhere,
  envelope,
  attempt,
];

/** Whether the file has a test of which the title begins so, or says so. */
export function hasTest(file: string, title: string): boolean {
  return readFileSync(new URL(`../../../../${file}`, import.meta.url), "utf8").includes(title);
}
