import fc, { type Arbitrary } from "fast-check";
import { MARK, arbitraryOf, junk, markedText } from "./schema-arbitrary.fixture.ts";

/** A request as it goes out. */
export type FuzzRequest = {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

type Schema = Readonly<Record<string, unknown>>;
type Described = {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
};
export type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

export type FuzzWorld = {
  readonly document: Document;
  /** Objects that the requests are about. */
  readonly objects: readonly string[];
  /** An object that requests may define anew and delete. */
  readonly spare: string;
  /** Ids and keys that exist, or may. */
  readonly ids: () => string;
  /** Values of fields, most of them of the field's type. */
  readonly fields: Arbitrary<unknown>;
  readonly filter: Arbitrary<unknown>;
  readonly tokens: readonly string[];
};

/** Requests to every operation of the document: most as it describes them, some spoilt in one place or two. */
export function fuzzRequests(world: FuzzWorld): Arbitrary<FuzzRequest> {
  const operations = Object.entries(world.document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => requestsTo(path, method, described, world)),
  );
  // Records are where most can go wrong.
  const heavy = [
    "upsertRecord",
    "createRecord",
    "updateRecord",
    "createJob",
    "listRecords",
    "searchRecords",
    "filterRecords",
  ];
  return fc.oneof(...operations.map(({ id, arbitrary }) => ({ weight: heavy.includes(id) ? 5 : 1, arbitrary })));
}

function requestsTo(path: string, method: string, described: Described, world: FuzzWorld) {
  const { operationId: id, parameters = [], requestBody } = described;
  const defines = /^(create|update|put|delete|reorder)(Object|Field)/.test(id);
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const inPath = fc.tuple(...names.map((name) => pathText(name, defines, world)));
  const inQuery = fc.tuple(
    ...parameters.filter(({ in: place }) => place === "query").map((each) => queryText(each, world)),
  );
  const inHeaders = fc.tuple(
    ...parameters.filter(({ in: place }) => place === "header").map(({ name }) => headerText(name)),
  );
  const schema = requestBody?.content["application/json"]?.schema;
  const body = schema === undefined ? rarely(junk.map((value) => textOf(value))) : bodies(schema, world);
  const arbitrary = fc
    .tuple(inPath, inQuery, inHeaders, body, fc.constantFrom(...world.tokens), fc.nat(19), markedText)
    .map(([segments, query, headers, text, token, luck, noise]): FuzzRequest => {
      let place = path;
      for (const [index, name] of names.entries()) place = place.replace(`{${name}}`, segments[index] ?? "");
      if (luck === 0) place += ".json";
      const pairs = query.filter((pair) => pair !== undefined);
      if (luck === 1) pairs.push(`${encode(noise)}=${encode(noise)}`);
      return {
        operation: id,
        method: method.toUpperCase(),
        path: pairs.length === 0 ? place : `${place}?${pairs.join("&")}`,
        headers: Object.assign({ Authorization: `Bearer ${token}` }, ...headers) as Record<string, string>,
        ...(text === undefined ? {} : { body: text }),
      };
    });
  return { id, arbitrary };
}

function pathText(name: string, defines: boolean, { objects, spare, ids }: FuzzWorld): Arbitrary<string> {
  const known =
    name === "object"
      ? fc.constantFrom(...(defines ? [spare, `${MARK}_1`, `${MARK}_2`] : objects))
      : fc.nat().map(() => (name === "id" || name === "job" ? ids() : `${MARK}_${ids().length % 7}`));
  return fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: markedText.map(encode) });
}

function queryText(
  { name, schema }: { readonly name: string; readonly schema: Schema },
  { ids }: FuzzWorld,
): Arbitrary<string | undefined> {
  const key = encode(name);
  const value = fc.oneof(
    { weight: 4, arbitrary: arbitraryOf(schema, {}, {}).map((each) => encode(String(each))) },
    { weight: 4, arbitrary: fc.nat().map(() => encode(ids())) },
    { weight: 1, arbitrary: markedText.map(encode) },
    { weight: 1, arbitrary: fc.constantFrom("", "%", "%zz", "%00", "%ff", "+", "null", "[]", "-1", "1e9") },
  );
  // A key is what an upsert is about; most calls have none of the other parameters.
  const often = name === "external_id" ? 16 : 1;
  return fc.oneof(
    { weight: often, arbitrary: value.map((text) => `${key}=${text}`) },
    { weight: 4, arbitrary: fc.constant(undefined) },
  );
}

function headerText(name: string): Arbitrary<Record<string, string>> {
  const values = ["1", "9223372036854775807", "9223372036854775808", "-1", "x", "1,2,,3", "007"];
  return fc.oneof(
    { weight: 9, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constantFrom(...values).map((value) => ({ [name]: value })) },
  );
}

/** A body as the schema describes it; spoilt in some places; cut or altered as text. */
function bodies(schema: Schema, { document, fields, filter }: FuzzWorld): Arbitrary<string | undefined> {
  const key = fc.nat(60).map((number) => `${MARK}-${number}`);
  const record = fc.record(
    {
      name: fc.oneof({ weight: 5, arbitrary: key }, { weight: 1, arbitrary: fc.oneof(markedText, junk) }),
      external_id: fc.oneof(
        { weight: 6, arbitrary: fc.constant(undefined) },
        { weight: 2, arbitrary: key },
        { weight: 1, arbitrary: fc.oneof(fc.constant(null), markedText, fc.nat()) },
      ),
      custom_object_fields: fields,
      photo: fc.constant(null),
      id: fc.constant("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    },
    { requiredKeys: ["name"] },
  );
  const special = { CustomObjectRecordInput: record, JobItem: record, Filter: filter };
  const whole = withItems(arbitraryOf(schema, document.components.schemas, special), record, filter);
  const edits = fc.array(fc.tuple(fc.nat(), fc.option(junk, { nil: undefined })), { maxLength: 2 });
  return fc.tuple(whole, fc.nat(3), edits, fc.nat(29), fc.nat()).map(([value, spoil, changes, luck, at]) => {
    const text = textOf(
      spoil === 0 ? changes.reduce<unknown>((so, [place, by]) => edited(so, place, by), value) : value,
    );
    if (luck === 0) return text.slice(0, at % (text.length + 1));
    if (luck === 1) return text.replace(/[{}[\]":,]/, "\\");
    if (luck === 2) return undefined;
    return text;
  });
}

/** The places that the schemas leave open: the items of a job, the filter of a search. */
function withItems(
  whole: Arbitrary<unknown>,
  record: Arbitrary<unknown>,
  filter: Arbitrary<unknown>,
): Arbitrary<unknown> {
  const items = fc.array(fc.oneof({ weight: 6, arbitrary: record }, { weight: 1, arbitrary: junk }), { maxLength: 6 });
  return fc.tuple(whole, items, filter).map(([value, these, condition]) => {
    if (typeof value !== "object" || value === null) return value;
    if ("job" in value && typeof value.job === "object" && value.job !== null)
      return { job: { ...value.job, items: these } };
    return "filter" in value ? { ...value, filter: condition } : value;
  });
}

/** The value with one of its places replaced, or removed. */
function edited(value: unknown, place: number, by: unknown): unknown {
  const places: [holder: Record<string, unknown>, key: string][] = [];
  const copy = structuredClone(value);
  const walk = (each: unknown) => {
    if (typeof each !== "object" || each === null) return;
    for (const [key, member] of Object.entries(each)) {
      places.push([each as Record<string, unknown>, key]);
      walk(member);
    }
  };
  walk(copy);
  const found = places[place % Math.max(places.length, 1)];
  if (found === undefined) return by;
  if (by === undefined) delete found[0][found[1]];
  else found[0][found[1]] = by;
  return copy;
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

/** Percent-encoded; a half of a surrogate pair, which has no encoding, as the bytes that it would be. */
function encode(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : "%ED%A0%80";
}

function rarely<T>(arbitrary: Arbitrary<T>): Arbitrary<T | undefined> {
  return fc
    .option(arbitrary, { freq: 1, nil: undefined })
    .chain((value) => fc.nat(9).map((luck) => (luck === 0 ? value : undefined)));
}
