import { expect, test } from "vitest";
import { isConfirmed, type RequestedRecord } from "./confirmation.ts";

const asked = (more: Partial<RequestedRecord> = {}): RequestedRecord => ({
  object: "customer",
  key: { by: "external_id", value: "7" },
  name: undefined,
  effect: "fields",
  ...more,
});
const reply = (status: number, body: unknown) =>
  ({ status, body, sent: true, request: { method: "PATCH", path: "/", body: null } }) as const;
const record = (members: object) => ({ custom_object_record: { id: "01", custom_object_fields: {}, ...members } });
const byName = asked({ key: { by: "name", value: "Acme" } });

test.each([
  ["the record that was sent", 200, record({ external_id: "7" }), asked()],
  ["the record that was made", 201, record({ external_id: "7" }), asked()],
  ["an id that came back as a number", 200, record({ external_id: 7 }), asked()],
  ["the name that was sent", 200, record({ name: "Acme" }), byName],
  ["the name in the letters that it was first written in", 200, record({ name: "ACME " }), byName],
  ["the name that it was given", 200, record({ name: "Acme Ltd" }), { ...byName, name: "Acme Ltd" }],
  ["its object, too", 200, record({ external_id: "7", custom_object_key: "customer" }), asked()],
  ["no body, to a delete", 204, null, asked({ effect: "delete" })],
  ["an empty 200, to a delete", 200, null, asked({ effect: "delete" })],
])("%s confirms a write", (_what, status, body, of) => {
  expect(isConfirmed(reply(status, body), of)).toBe(true);
});

test.each([
  ["an empty object", 200, {}, asked()],
  ["a note of maintenance", 200, { status: "maintenance" }, asked()],
  ["an error with a status of success", 200, { error: "RecordInvalid" }, asked()],
  ["another record", 200, record({ external_id: "8" }), asked()],
  ["an id in other letters", 200, record({ external_id: "A" }), asked({ key: { by: "external_id", value: "a" } })],
  ["a record without an id", 200, record({ name: "7" }), asked()],
  ["a record of another object", 200, record({ external_id: "7", custom_object_key: "order" }), asked()],
  ["another name", 200, record({ name: "Ajax" }), byName],
  ["a list", 200, [record({ external_id: "7" })], asked()],
  ["a page", 200, "<html></html>", asked()],
  ["nothing", 200, null, asked()],
  ["the record, accepted for later", 202, record({ external_id: "7" }), asked()],
  ["nothing, to an upsert", 204, null, asked()],
  ["a part", 206, record({ external_id: "7" }), asked()],
  ["a note of maintenance, to a delete", 200, { status: "maintenance" }, asked({ effect: "delete" })],
  ["a delete accepted for later", 202, null, asked({ effect: "delete" })],
])("%s confirms nothing", (_what, status, body, of) => {
  expect(isConfirmed(reply(status, body), of)).toBe(false);
});
