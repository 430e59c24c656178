import { Validator } from "@seriousme/openapi-schema-validator";
import type { Express } from "express";
import supertest from "supertest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN, storeUnderTest, type StoreUnderTest } from "../under-test.ts";

type Described = {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};

let store: StoreUnderTest;
let document: Described;
beforeAll(async () => {
  store = await storeUnderTest();
  const { body } = await supertest(store.app).get("/openapi.json").set("Host", "records.test").expect(200);
  document = body as Described;
});
afterAll(() => store.close());

test("the document is valid OpenAPI 3.1", async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(document.openapi).toMatch(/^3\.1\./);
});

test("every call of the document is served, and nothing else but the page that shows it", async () => {
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => ({
      method: method as "get",
      path: path.replaceAll(/\{\w+\}/g, "nothing"),
    })),
  );
  const unserved: string[] = [];
  for (const { method, path } of described) {
    const { body } = await supertest(store.app)[method](path).set("Authorization", `Bearer ${ADMIN}`);
    if ((body as { error?: unknown }).error === "InvalidEndpoint") unserved.push(`${method} ${path}`);
  }
  expect(unserved).toEqual([]);
  expect(described.length).toBeGreaterThan(15);
  // The document is made of the table of operations. Only Express' own routes may go past that table.
  expect(servedBy(store.app).filter((route) => !route.startsWith("get /docs"))).toEqual([]);
});

test("every operation says what a caller hears who asks too often, with the headers that tell how long to wait", () => {
  type Answers = { readonly responses: Readonly<Record<string, { readonly headers?: object } | undefined>> };
  const silent = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) => {
      const { headers } = (operation as unknown as Answers).responses["429"] ?? {};
      const told = Object.keys(headers ?? {});
      return ["Retry-After", "X-Rate-Limit", "X-Rate-Limit-Remaining"].every((name) => told.includes(name))
        ? []
        : [`${method} ${path}: ${told.join(", ")}`];
    }),
  );
  expect(silent).toEqual([]);
});

test("operations have names of their own, for clients that are made from the document", () => {
  const ids = Object.values(document.paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z]+[A-Z][A-Za-z]+$/);
});

test("it says where it is served, and every reference in it leads somewhere", () => {
  expect(document.servers).toEqual([{ url: "http://records.test" }]);
  const text = JSON.stringify(document);
  const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(10);
  expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(names));
  expect(text).not.toContain("__shared");
});

/** Seen: orval and openapi-typescript-codegen made clients that did not compile of `Record`, `Object`, `Error` and a `Json` that holds itself. */
test("no part has a name that a language has for itself", () => {
  const names = Object.keys(document.components.schemas);
  const ofJavaScript = Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z]/.test(name));
  const others =
    "Any Array Boolean Class Dictionary Enum Exception Field File Filter Form Integer Interface Iterable Job Json List Model Module Null Number Omit Optional Package Page Partial Path Pick Readonly Record Required Result Sequence Tuple Type Union Unknown Value Void";
  const taken = new Set([...ofJavaScript, ...others.split(" ")].map((name) => name.toLowerCase()));
  expect(names.filter((name) => taken.has(name.toLowerCase()))).toEqual([]);
  expect(names.length).toBeGreaterThan(30);
  // Two names that differ in capitals alone would be one file.
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
});

test("no part holds itself", () => {
  const { schemas } = document.components;
  const referred = (name: string) =>
    [...JSON.stringify(schemas[name] ?? {}).matchAll(/"\$ref":"#(\/components\/schemas\/([^"]+))?"/g)].map(
      ([, , other = name]) => other,
    );
  const reached = (from: string, seen = new Set<string>()): Set<string> => {
    for (const name of referred(from)) if (!seen.has(name)) reached(name, seen.add(name));
    return seen;
  };
  expect(Object.keys(schemas).filter((name) => reached(name).has(name))).toEqual([]);
  expect(Object.keys(schemas).some((name) => reached(name).size > 0)).toBe(true);
});

type Layer = {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[] };
};

/** The routes that Express itself would serve, however they came there. */
function servedBy(app: Express): string[] {
  const walk = (stack: readonly Layer[]): string[] =>
    stack.flatMap(({ route, handle }) => {
      if (route === undefined) return walk(handle.stack ?? []);
      const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
      return Object.keys(route.methods).map((method) => `${method} ${path}`);
    });
  return walk((app.router as unknown as { readonly stack: readonly Layer[] }).stack);
}
