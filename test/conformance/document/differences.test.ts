import { expect, test } from "vitest";
import { describe } from "./described.ts";
import { differencesOf } from "./differences.ts";
import { whyMeant } from "./meant.ts";

const RECORDS = "/api/v2/custom_objects/{custom_object_key}/records";
const answering = (schema: object, more: object = {}) => ({
  responses: { "200": { content: { "application/json": { schema } } } },
  ...more,
});
const documentOf = (paths: object, schemas: object = {}) => describe({ paths, components: { schemas } });
const between = (vendor: object, ours: object, schemas?: object) =>
  differencesOf(documentOf(vendor, schemas), documentOf(ours, schemas)).map(
    ({ operation, kind, what, how }) =>
      `${operation}: ${kind} ${what}: ${typeof how === "string" ? how : `${how.vendor} / ${how.ours}`}`,
  );

test("names of what stands in a path, .json behind it and other APIs make no difference", () => {
  const get = answering({ type: "object", properties: { name: { type: "string" } } });
  const vendor = { [`${RECORDS}.json`]: { get }, "/api/v2/tickets": { get } };
  expect(between(vendor, { "/api/v2/custom_objects/{object}/records": { get } })).toEqual([]);
});

test("what only one of them has is told: operations, parameters, statuses, members", () => {
  const query = (name: string) => ({ in: "query", name, schema: { type: "string" } });
  const name = { type: "object", properties: { name: { type: "string" } } };
  const vendor = {
    [RECORDS]: {
      parameters: [{ in: "path", name: "k" }, query("shared")],
      get: answering(name, { parameters: [query("sort")] }),
    },
  };
  const ours = {
    [RECORDS]: {
      get: {
        ...answering({ type: "object", properties: { id: { type: "string" } } }, { parameters: [query("shared")] }),
      },
      post: answering(name),
    },
  };
  const at = "/api/v2/custom_objects/{}/records";
  expect(between(vendor, ours)).toEqual([
    `GET ${at}: parameter query sort: the vendor's alone`,
    `GET ${at}: answered name: the vendor's alone`,
    `GET ${at}: answered id: ours alone`,
    `POST ${at}: operation POST ${at}: ours alone`,
  ]);
});

test("types are compared through references, choices and both ways to say null; a schema that holds itself ends", () => {
  const schemas = {
    Ref: { $ref: "#/components/schemas/Item" },
    Item: {
      allOf: [
        {
          type: "object",
          properties: {
            id: { type: "integer" },
            parts: { type: "array", items: { $ref: "#/components/schemas/Item" } },
          },
        },
      ],
    },
    Other: {
      type: "object",
      properties: { id: { anyOf: [{ type: "number" }, { type: "null" }] }, parts: {}, kind: { enum: ["a", null] } },
    },
    Nullable: {
      type: "object",
      properties: { id: { type: "number", nullable: true }, kind: { type: ["string", "null"] } },
    },
  };
  const of = (name: string) => ({ [RECORDS]: { get: answering({ $ref: `#/components/schemas/${name}` }) } });
  const at = "GET /api/v2/custom_objects/{}/records: answered";
  expect(between(of("Ref"), of("Other"), schemas)).toEqual([
    `${at} id: integer / null|number`,
    `${at} kind: ours alone`,
  ]);
  expect(between(of("Other"), of("Nullable"), schemas)).toEqual([`${at} parts: the vendor's alone`]);
});

test("what is meant has a reason, and what the vendor has and the store lacks has none", () => {
  const operation = "GET /api/v2/custom_objects/{}/records";
  const reason = (kind: "parameter" | "answered" | "status", what: string, how: "ours alone" | "the vendor's alone") =>
    whyMeant({ operation, kind, what, how });
  expect(reason("answered", "meta.after_cursor", "ours alone")).toEqual(expect.any(String));
  expect(reason("parameter", "header Prefer", "ours alone")).toEqual(expect.any(String));
  expect(reason("answered", "meta.after_cursor", "the vendor's alone")).toBeUndefined();
  expect(reason("parameter", "query sort", "the vendor's alone")).toBeUndefined();
  expect(reason("status", "422", "the vendor's alone")).toBeUndefined();
});

test("the order in which types are named is no difference, and fewer of them in an answer are meant", () => {
  const name = (type: string[]) => ({ [RECORDS]: { get: answering({ properties: { name: { type } } }) } });
  expect(between(name(["integer", "null"]), name(["null", "number"]))).toEqual([]);
  const answered = (vendor: string, ours: string) =>
    whyMeant({ operation: "GET /x", kind: "answered", what: "name", how: { vendor, ours } });
  expect(answered("integer|null", "number")).toEqual(expect.any(String));
  expect(answered("string", "null|string")).toBeUndefined();
});

test.each([undefined, null, [], "x", { paths: { "/x": null, "/y": { get: 5 } } }])(
  "a document like %j has no operations that break anything",
  (document) => {
    expect([...describe(document).operations.values()].every(({ answered }) => answered.size === 0)).toBe(true);
  },
);
