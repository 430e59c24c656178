import { expect, test } from "vitest";
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
      code: "CustomObjectRecordCreateOrUpdateFailed",
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
    { kind: "refused", status: 404, code: "CustomObjectRecordUpdateFailed", text: "Record not found" },
  ],
  ["no word at all", { id: "01J" }, undefined],
  ["no object", "yes", undefined],
])("%s is read", (_what, result, read) => {
  const said = typeof result === "string" ? result : { ...result, index: 0 };
  const expected = read?.kind === "refused" ? { ...read, said } : read;
  expect(readItemResults({ results: [said] }, 1)).toEqual([expected]);
});

test("results are brought into the order of the items, and what is missing stays unknown", () => {
  const results = [
    { index: 2, status: "CreateOrUpdate" },
    { index: 0, status: "Failed" },
    { index: 9, status: "Deleted" },
  ];
  expect(readItemResults({ results }, 3).map((each) => each?.kind)).toEqual(["refused", undefined, "done"]);
});

test("without indexes the order counts, but only where every item has its result", () => {
  const results = [{ status: "CreateOrUpdate" }, { status: "Failed" }];
  expect(readItemResults({ results }, 2).map((each) => each?.kind)).toEqual(["done", "refused"]);
  expect(readItemResults({ results }, 3)).toEqual([undefined, undefined, undefined]);
});
