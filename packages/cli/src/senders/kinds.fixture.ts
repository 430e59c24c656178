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
import { identity } from "./identity-kind.fixture.ts";
import { hasPreset, isThin, SOAP, type Kind } from "./kind.fixture.ts";
import { partial } from "./partial-kind.fixture.ts";
import { changed, leavesOf, mapped, mappingsOf, setBy } from "./preset.fixture.ts";
import { presetSamples, sampledWith } from "./preset-samples.fixture.ts";
import { arrayAt, eventsWith, isTime, isXml, placesOf, readable, requestOf, valueAt } from "./sample-places.fixture.ts";

const tie: Kind = {
  name: "K2: whole seconds, then a random id",
  cell: (sender) => ({
    looked: "what decides between equal versions",
    run: () => {
      for (const { id, version, time, finer } of eventsWith(sender)) {
        for (const own of [version, time, finer]) expect(own ?? "none").not.toBe(id);
        // `finer` is finer than the version, or the version's own source.
        // `stamp.test.ts` holds the rest of the rule: version, rank, finer time, arrival.
        if (finer !== undefined && version !== undefined) expect(finer.length).toBeGreaterThanOrEqual(version.length);
      }
    },
  }),
};

const types: Kind = {
  name: "K3: a closed list of types",
  cell: (sender) => {
    const isPreset = (sender.presets ?? []).length > 0;
    return {
      looked: isPreset
        ? "that a type which the preset does not know is told"
        : "that a type which no row knows is told",
      run: () => {
        const mappings = isPreset
          ? mappingsOf(sender, presetFetches(sender) !== "never" && sender.fetch !== undefined)
          : [];
        const type = `${eventsWith(sender)[0]!.type}.renamed`;
        const seen = [{ type, made: 0, duplicate: 0, ignored: 1, dead: 0 }];
        expect(unknownTypes({ mappings, unmapped: [] }, seen)).toEqual(seen);
      },
    };
  },
};

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
        for (const sampled of [sender, ...presetSamples(sender).map((sample) => sampledWith(sender, sample))]) {
          const { body } = sampled.sample;
          for (const path of leavesOf(body)) {
            for (const [record, set] of (await setBy(sampled, changed(body, path, EXACT))) ?? []) {
              for (const [field, value] of Object.entries(set))
                expect(value, `${record} ${field}`).not.toBe(Number(EXACT));
            }
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
          // Another of the event's own times takes its place, or none does; never a made-up time.
          if (time != null) expect(time).toMatch(/^2026-11-05T/);
        }
        if (isTime(valueAt(sender, path)) && event !== undefined)
          expect(Date.parse(event.time ?? before.time ?? "0")).not.toBeNaN();
      }
      for (const { fields } of isThin(sender) ? [] : (sender.presets ?? [])) {
        for (const { key, type, from } of fields) {
          // `own-functions.test.ts` holds that $toDate of a text that is no date is nothing.
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
  // HubSpot's workflows send the properties that were chosen there: they have no preset of their own.
  const [usual = ""] = await asked(body);
  expect(usual).not.toBe("");
  const shape = (url: string): string =>
    `${new URL(url).pathname.split("/").length} ${[...new URL(url).searchParams.keys()].join()}`;
  for (const path of leavesOf(body)) {
    for (const value of ["a/../b", "x?admin=1#y", "1') or ('1'='1"]) {
      for (const url of await asked(changed(body, path, value))) {
        expect(shape(url), url).toBe(shape(usual));
        // Within OData's quotes every quote is doubled.
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

/** The sender with its sample as JSON, where it is a form: forms are read as JSON with the same members. */
export function inJson(sender: Sender): Sender {
  const { body, headers } = sender.sample;
  if (sender.body !== "form" || typeof body !== "string") return sender;
  const sample = { ...sender.sample, headers: { ...headers, "content-type": "application/json" } };
  return { ...sender, sample: { ...sample, body: Object.fromEntries(new URLSearchParams(body)) } };
}

/** Whether the file has a test whose title begins with this text, or contains it. */
export function hasTest(file: string, title: string): boolean {
  return readFileSync(new URL(`../../../../${file}`, import.meta.url), "utf8").includes(title);
}
