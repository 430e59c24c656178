import { expect, test } from "vitest";
import type { Json } from "@sluice/event";
import { readItemResults } from "./item-result.ts";

const failed = (code: string, title: string, detail?: string) => ({
  status: "Failed",
  errors: [{ code, title, detail }],
});

test.each([
  ["an upsert", { status: "CreateOrUpdate" }, { kind: "done" }],
  ["a delete", { status: "Deleted" }, { kind: "done" }],
  ["a word that nobody has told of", { status: "Upserted", id: "01J" }, { kind: "done" }],
  ["success without a word", { success: true, id: "01J" }, { kind: "done" }],
  ["a delete of nothing", failed("CustomObjectRecordDeleteFailed", "Record not found"), { kind: "absent" }],
  [
    "a bad value",
    failed("CustomObjectRecordCreateOrUpdateFailed", "Record validation errors", "Clock timeout: is invalid"),
    {
      kind: "refused",
      status: 422,
      code: "RecordInvalid",
      text: "Record validation errors: Clock timeout: is invalid",
    },
  ],
  ["a failure in lower case", { status: "failed" }, { kind: "refused", status: 422, code: "ItemFailed", text: "" }],
  [
    "an error beside a good status",
    { status: "Updated", error: "RecordInvalid", details: "Name: is too long" },
    { kind: "refused", status: 422, code: "RecordInvalid", text: "Name: is too long" },
  ],
  [
    "an error in an envelope",
    { error: { code: "X", message: "no" } },
    { kind: "refused", status: 422, code: "X", text: "no" },
  ],
  ["errors that are texts", { errors: ["no"] }, { kind: "refused", status: 422, code: "ItemFailed", text: "" }],
  ["success denied", { success: false, id: 7 }, { kind: "refused", status: 422, code: "ItemFailed", text: "" }],
  ["a fence", failed("StaleFence", "late"), { kind: "refused", status: 409, code: "StaleFence", text: "late" }],
  [
    "a conflict",
    failed("CustomObjectRecordUpdateFailed", "Database conflict"),
    { kind: "refused", status: 409, code: "CustomObjectRecordUpdateFailed", text: "Database conflict" },
  ],
  [
    "trouble on the other side",
    failed("CustomObjectRecordUpdateFailed", "Internal error"),
    { kind: "refused", status: 500, code: "CustomObjectRecordUpdateFailed", text: "Internal error" },
  ],
  [
    "an update of nothing",
    failed("CustomObjectRecordUpdateFailed", "Record not found"),
    { kind: "refused", status: 422, code: "CustomObjectRecordUpdateFailed", text: "Record not found" },
  ],
  ["no word at all", { id: "01J" }, undefined],
  ["no object", "yes", undefined],
])("%s is read", (_what, result, read) => {
  const said = typeof result === "string" ? result : { ...result, index: 0 };
  const expected = read?.kind === "refused" ? { ...read, said } : read;
  expect(readItemResults({ results: [said] }, ["a"])).toEqual([expected]);
});

test("results are brought into the order of the items, and what is missing stays unknown", () => {
  const results = [
    { index: 2, status: "CreateOrUpdate" },
    { index: 0, status: "Failed" },
    { index: 9, status: "Deleted" },
  ];
  expect(readItemResults({ results }, ["a", "b", "c"]).map((each) => each?.kind)).toEqual([
    "refused",
    undefined,
    "done",
  ]);
});

test("without indexes the order counts, but only where every item has its result", () => {
  const results = [{ status: "CreateOrUpdate" }, { status: "Failed" }];
  expect(readItemResults({ results }, ["a", "b"]).map((each) => each?.kind)).toEqual(["done", "refused"]);
  expect(readItemResults({ results }, ["a", "b", "c"])).toEqual([undefined, undefined, undefined]);
});

const kinds = (results: readonly unknown[], items: readonly Json[] = ["a", "b", "c"]) =>
  readItemResults({ results }, items).map((each) => each?.kind);

test.each([
  ["no indexes, in another order", [done("c"), bad("a"), done("b")], ["refused", "done", "done"]],
  ["indexes that count from one", [done("a", 1), bad("b", 2), done("c", 3)], ["done", "refused", "done"]],
  ["fewer results than items", [bad("c")], [undefined, undefined, "refused"]],
  ["more results than items", [done("a"), done("b"), done("c"), bad("d"), bad("e", 1)], ["done", "done", "done"]],
  [
    "a record twice, with the same end",
    [bad("a", 0), bad("a", 0), done("b", 1), done("c", 2)],
    ["refused", "done", "done"],
  ],
  [
    "a record twice, with two ends",
    [done("a", 0), bad("a", 0), done("b", 1), done("c", 2)],
    [undefined, "done", "done"],
  ],
  ["ids in capitals", [done("A", 0), bad("B", 1), done("C", 2)], ["done", "refused", "done"]],
  ["no results", [], [undefined, undefined, undefined]],
])("%s: each result is its own record's", (_what, results, expected) => {
  expect(kinds(results)).toEqual(expected);
  const items = ["a", "b", "c"].map((id) => ({ external_id: id, custom_object_fields: {} }));
  expect(kinds(results, items)).toEqual(expected);
});

test("records that are found by name have their places by index or order", () => {
  const items = [{ name: "a" }, { name: "b" }];
  expect(kinds([{ index: 1, status: "Failed" }], items)).toEqual([undefined, "refused"]);
  expect(kinds([{ status: "Failed" }, { status: "CreateOrUpdate" }], items)).toEqual(["refused", "done"]);
});

function done(id: string, index?: number): object {
  return { external_id: id, status: "CreateOrUpdate", ...(index === undefined ? {} : { index }) };
}

function bad(id: string, index?: number): object {
  return { ...done(id, index), status: "Failed" };
}
