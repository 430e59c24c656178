import { expect, test } from "vitest";
import { readConfiguration } from "./load.ts";
import { typesLike, unknownTypes } from "./unknown-types.ts";

const sourceOf = (more: object) =>
  readConfiguration(
    JSON.stringify({
      sources: { it: { scheme: "hubspot-v3", secrets: ["a"], records: "preset", ...more } },
      destinations: { crm: { kind: "zendesk", url: "http://127.0.0.1:9", auth: { bearer: "x" } } },
    }),
    { path: "sluice.yaml", env: {} },
  ).sources.get("it")!;

const seen = (type: string, more: object = {}) => ({ type, made: 0, duplicate: 0, ignored: 3, dead: 0, ...more });
const unknown = (source: ReturnType<typeof sourceOf>, ...all: ReturnType<typeof seen>[]): readonly string[] =>
  unknownTypes(source, all).map(({ type }) => type);

test("a type of which every event was ignored is unknown, and one that a row took of or names is not", () => {
  const source = sourceOf({});
  expect(
    unknown(
      source,
      seen("contact.renamed"),
      seen("deal.creation", { made: 1 }),
      seen("line.creation", { dead: 1 }),
      seen("quote.creation", { duplicate: 1 }),
      // A condition names these types: it had a reason to leave these events alone.
      seen("contact.creation"),
      seen("ticket.creation", { ignored: 0 }),
    ),
  ).toEqual(["contact.renamed"]);
});

test("what `unmapped` names is meant, to its star", () => {
  const source = sourceOf({ unmapped: ["deal.creation", "ticket.*"] });
  expect(unknown(source, seen("deal.creation"), seen("deal.creations"), seen("ticket.x"), seen("tickets.x"))).toEqual([
    "deal.creations",
    "tickets.x",
  ]);
});

test("a row's types that look alike are named, by spelling first, and then by how they begin", () => {
  const source = sourceOf({});
  expect(typesLike(source, "contact.propertychange")).toEqual(["contact.propertyChange"]);
  expect(typesLike(source, "contact.associationChange")).toEqual([
    "contact.creation",
    "contact.propertyChange",
    "contact.restore",
  ]);
  expect(typesLike(source, "deal.creation")).toEqual([]);
});
