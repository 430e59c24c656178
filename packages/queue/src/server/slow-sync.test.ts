import { expect, test } from "vitest";
import { parseServerFacts, type ServerFacts } from "./server.ts";
import { isSyncSlow } from "./slow-sync.ts";

type Look = readonly [appendfsync: string, pending: number, buffer: number, delayed: number];

function facts([appendfsync, pending, buffer, delayed]: Look): ServerFacts {
  const info = [
    "redis_version:7.0.15",
    "role:master",
    "aof_enabled:1",
    `aof_pending_bio_fsync:${pending}`,
    `aof_buffer_length:${buffer}`,
    `aof_delayed_fsync:${delayed}`,
  ].join("\r\n");
  return parseServerFacts(info, appendfsync, "");
}

test.each<[string, Look, Look, boolean]>([
  ["a sync that runs at one look alone is none", ["everysec", 0, 0, 0], ["everysec", 1, 500, 0], false],
  ["one that runs at two looks, with writes behind it", ["everysec", 1, 200, 0], ["everysec", 1, 500, 0], true],
  ["one that runs, with nothing behind it", ["everysec", 1, 0, 0], ["everysec", 1, 0, 0], false],
  ["one that took longer than Redis waits", ["everysec", 0, 0, 3], ["everysec", 0, 0, 4], true],
  ["what was delayed before the look before", ["everysec", 0, 0, 4], ["everysec", 0, 0, 4], false],
  ["with `always` the answer waits", ["always", 1, 200, 0], ["always", 1, 500, 0], false],
])("a disk that is slow: %s", (_what, before, now, slow) => {
  expect(isSyncSlow(facts(before), facts(now))).toBe(slow);
});

test("the first look tells nothing", () => {
  expect(isSyncSlow(null, facts(["everysec", 1, 500, 9]))).toBe(false);
});
