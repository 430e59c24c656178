import { expect, test } from "vitest";
import { findScheme } from "../catalog.ts";
import { greet } from "../greet.ts";
import { readScheme } from "../written-schemes/read-scheme.ts";
import type { Scheme } from "../scheme.ts";
import {
  ADDED_VECTORS,
  TABLES as tables,
  VECTORS as vectors,
  vectorRequest as requestOf,
  type Vector,
} from "./vectors.fixture.ts";
import { verify } from "./verify.ts";

/** Whether a handshake is answered, or any other request is authentic. */
async function isGood(scheme: Scheme, vector: Vector): Promise<boolean> {
  if (vector.scheme.startsWith("handshake-")) return greet(scheme, requestOf(vector)) !== undefined;
  const secrets = vector.secrets ?? [vector.secret];
  // The table's row trusts these proxies; by its name the scheme trusts none that the configuration does not list.
  const around = vector.scheme === "generic-mtls-header" ? { trustedProxies: ["10.0.0.0/8"] } : {};
  return (await verify(scheme, requestOf(vector), secrets, (vector.now ?? 0) * 1_000, around)).ok;
}

test("there are 209 vectors", () => {
  expect(vectors).toHaveLength(209);
});

test.each(vectors)("as a row of data, $scheme judges: $why", async (vector) => {
  expect(await isGood(readScheme(tables[vector.scheme]), vector)).toBe(vector.valid);
});

test("every row of the table has a scheme of its name", () => {
  expect(Object.keys(tables).filter((name) => findScheme(name) === undefined)).toEqual([]);
});

test.each([...vectors, ...ADDED_VECTORS])("by its name, $scheme judges: $why", async (vector) => {
  expect(await isGood(findScheme(vector.scheme) as Scheme, vector)).toBe(vector.valid);
});
