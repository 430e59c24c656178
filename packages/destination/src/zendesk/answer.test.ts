import { expect, test } from "vitest";
import type { Reply } from "../http/reply.ts";
import { answerOf, answerOfJob, hasNoJobs } from "./answer.ts";

const reply = (status: number, more: Partial<Reply> = {}): Reply => ({
  status,
  body: null,
  sent: true,
  request: { method: "PATCH", path: "/", body: null },
  ...more,
});

test.each([
  ["200 is done", reply(200), "fields", { kind: "done" }],
  ["201 is done", reply(201), "fields", { kind: "done" }],
  ["204 to a delete is done", reply(204), "delete", { kind: "done" }],
  ["a delete of what is not there", reply(404, { errorCode: "RecordNotFound" }), "delete", { kind: "gone" }],
  [
    "an upsert makes what it does not find: the object is missing",
    reply(404, { errorCode: "RecordNotFound" }),
    "fields",
    { kind: "stop", scope: "object", code: "object_missing" },
  ],
  [
    "a 404 of the address",
    reply(404, { errorCode: "InvalidEndpoint" }),
    "delete",
    { kind: "stop", scope: "destination" },
  ],
  ["a 404 of somebody else", reply(404), "fields", { kind: "stop", scope: "destination" }],
  [
    "an account that is full takes no record",
    reply(422, { body: { details: { base: [{ description: "Record: the limit of records has been reached" }] } } }),
    "fields",
    { kind: "stop", scope: "destination" },
  ],
  ["400 is the record's", reply(400), "fields", { kind: "record", code: "status_400" }],
  ["413 is the record's", reply(413), "fields", { kind: "record" }],
  [
    "422 is the record's",
    reply(422, { errorCode: "RecordInvalid" }),
    "fields",
    { kind: "record", code: "RecordInvalid" },
  ],
  ["429 with a time", reply(429, { retryAfterSeconds: 3600 }), "fields", { kind: "slow", forMs: 3_600_000 }],
  ["429 without one", reply(429), "fields", { kind: "slow", forMs: null }],
  ["TooManyJobs, whatever its status", reply(422, { errorCode: "TooManyJobs" }), "fields", { kind: "slow" }],
  ["401 is the credentials'", reply(401), "fields", { kind: "credentials", againMs: null }],
  ["409 comes again", reply(409), "fields", { kind: "again", newestToken: undefined }],
  [
    "409 of a stale token tells the newest one",
    reply(409, { body: { newest_fence: "17" } }),
    "fields",
    { kind: "again", newestToken: "17" },
  ],
  [
    "so does an item's",
    reply(409, { body: { errors: [{ newest_fence: "17" }] } }),
    "fields",
    { kind: "again", newestToken: "17" },
  ],
  [
    "one that nothing could follow is none",
    reply(409, { body: { newest_fence: "9223372036854775807" } }),
    "fields",
    { kind: "again", newestToken: undefined },
  ],
  ["408 was not carried out", reply(408), "fields", { kind: "down", forMs: 0 }],
  ["500 was not carried out", reply(500), "fields", { kind: "down", forMs: 0 }],
  ["503 asks for time", reply(503, { retryAfterSeconds: 7 }), "fields", { kind: "down", forMs: 7000 }],
  ["502 tells nothing", reply(502), "fields", { kind: "unknown" }],
  ["504 tells nothing", reply(504), "delete", { kind: "unknown" }],
  ["a redirect was not carried out", reply(302), "fields", { kind: "down" }],
] as const)("%s", (_what, answer, effect, expected) => {
  expect(answerOf(answer, effect, "customer")).toMatchObject(expected);
});

test.each([
  ["a job of several is split by what one of them may be blamed for", reply(422), 2, { kind: "split" }],
  ["alone it is that record's", reply(422), 1, { kind: "record" }],
  ["what is nobody's fault splits nothing", reply(503), 2, { kind: "down" }],
] as const)("%s", (_what, answer, items, expected) => {
  expect(answerOfJob(answer, items, "customer")).toMatchObject(expected);
});

test("a destination without jobs says so at their address alone", () => {
  expect(hasNoJobs(reply(404, { errorCode: "InvalidEndpoint" }))).toBe(true);
  expect(hasNoJobs(reply(404, { errorCode: "RecordNotFound" }))).toBe(false);
});
