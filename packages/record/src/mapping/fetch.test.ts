import { expect, test } from "vitest";
import type { Json } from "@sluice/event";
import { ExpressionError } from "../expression/expression.ts";
import { askFor, compileFetch } from "./fetch.ts";

async function urlFor(url: string, data: Json): Promise<string> {
  const { fetch, faults } = { fetch: undefined, ...compileFetch({ url }, "sources.thin.fetch", "fetch:thin") };
  if (fetch === undefined) throw new Error(JSON.stringify(faults));
  const change = await askFor({ id: "1", type: "changed", time: null, source: "thin", data, headers: {} }, fetch, 0);
  return change!.key.value;
}

test.each([
  ["a plain id", "https://api.example/c/{{data.id}}?full=1", { id: 7 }, "https://api.example/c/7?full=1"],
  [
    "what would begin a path or a query",
    "https://api.example/c/{{data.id}}",
    { id: "../../admin?a=1#b" },
    "https://api.example/c/..%2F..%2Fadmin%3Fa%3D1%23b",
  ],
  [
    "a quote in OData's key",
    "https://api.example/A_Partner('{{data.id}}')?q={{data.id}}",
    { id: "O'Hara') or ('1'='1" },
    "https://api.example/A_Partner('O''Hara'')%20or%20(''1''%3D''1')?q=O'Hara')%20or%20('1'%3D'1",
  ],
  ["dots in a query", "https://api.example/c?id={{data.id}}", { id: ".." }, "https://api.example/c?id=.."],
] as const)("%s stays within its place in the URL", async (_, url, data, expected) => {
  expect(await urlFor(url, data)).toBe(expected);
});

test.each([
  ["a dot", "https://api.example/c/{{data.id}}", { id: "." }],
  ["two dots", "https://api.example/c/{{data.id}}/orders", { id: ".." }],
  ["two dots of two values", "https://api.example/c/{{data.id}}{{data.more}}", { id: ".", more: "." }],
  ["nothing", "https://api.example/c/{{data.id}}", {}],
  ["half an emoji", 'https://api.example/c/{{$split(data.id, "")[0]}}', { id: "😀" }],
] as const)("%s in a path is a fault, and nobody is asked", async (_, url, data) => {
  await expect(urlFor(url, data)).rejects.toThrow(ExpressionError);
});

test.each(["https://{{data.host}}/c", "https://api.example@{{data.host}}/c", "{{data.url}}", "file:///etc/passwd"])(
  "%s is refused: no event says who is asked",
  (url) => {
    expect(compileFetch({ url }, "sources.thin.fetch", "fetch:thin").faults).toHaveLength(1);
  },
);
