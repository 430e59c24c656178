import { randomBytes } from "node:crypto";
import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { createLog, openDatabase, type Database } from "@sluice/runtime";
import { BEGAN_MICROS, webhookOf } from "../understood.fixture.ts";
import { namesOfUnderstood, searchName } from "../written/names.ts";
import { readUnderstood, writeUnderstood } from "../written/understood.ts";
import { createArchiveStore } from "./archive-store.ts";
import { createConnection } from "./connection.ts";
import { dayOf } from "./days.ts";
import { createEncryption } from "./encryption.ts";
import { joinDay } from "./keeper.ts";
import { pack } from "./segment.ts";
import { walk } from "./walk.ts";

const NOW_MS = BEGAN_MICROS / 1000 + 3_600_000;
const [OLD, NEW] = [randomBytes(32), randomBytes(32)];

async function emptyDatabase(): Promise<Database> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-history-"));
  cpSync(inject("emptyPostgres"), join(dataDir, "postgres"), { recursive: true });
  const database = await openDatabase({ dataDir, log: createLog({ role: "test", level: "silent" }) });
  onTestFinished(async () => await database.close());
  return database;
}

/** The history in this database, as a process with these keys has it. */
function historyWith(keys: readonly Uint8Array[], database: Database) {
  const connection = createConnection(async () => database, false, createEncryption(keys));
  const store = createArchiveStore(connection, () => NOW_MS);
  return {
    async write(micros: number): Promise<void> {
      const webhook = webhookOf({ micros, key: `k-${micros}` });
      const [lines, names] = [[writeUnderstood(webhook)], namesOfUnderstood(webhook)];
      const segment = await pack({
        stream: "understood",
        fromMicros: micros,
        untilMicros: micros,
        lines,
        names,
        items: 1,
      });
      await store.write([segment], [], { session: "s", writtenMs: NOW_MS });
    },
    async found(name: string): Promise<readonly number[]> {
      const asked = {
        stream: "understood",
        names: [name],
        fromMicros: 0,
        untilMicros: Number.MAX_SAFE_INTEGER,
      } as const;
      const all: number[] = [];
      for await (const { lines } of walk(await connection.database(), { ...asked, order: "newest" }, () => false)) {
        all.push(...lines.map((line) => readUnderstood(line).first.micros - BEGAN_MICROS));
      }
      return all;
    },
    join: async () => await joinDay(await connection.database(), dayOf(NOW_MS), NOW_MS),
  };
}

test("keys are changed while all that was written stays readable, and joined segments are encrypted anew", async () => {
  const database = await emptyDatabase();
  const event = searchName.type(webhookOf({ micros: 0 }).events[0]!.type);
  await historyWith([], database).write(1);
  await historyWith([OLD], database).write(2);
  await historyWith([NEW, OLD], database).write(3);
  expect(await historyWith([NEW, OLD], database).found(event)).toEqual([3, 2, 1]);

  const bodies = await database.query<{ body: Uint8Array }>("select body from sluice_history.segments order by number");
  const marks = bodies.map(({ body }) => Buffer.from(body).toString("latin1", 0, 4));
  expect(marks).toEqual(["\u0028\u00B5\u002F\u00FD", "SLE1", "SLE1"]);
  for (const at of [4, 5, 6, 7, 8]) await historyWith([NEW, OLD], database).write(at);
  expect(await historyWith([NEW, OLD], database).join()).toBeGreaterThan(0);
  expect(await historyWith([NEW], database).found(event)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test("without its key a segment is refused by name, and one that somebody changed is no history", async () => {
  const database = await emptyDatabase();
  const event = searchName.type(webhookOf({ micros: 0 }).events[0]!.type);
  await historyWith([OLD], database).write(1);
  await expect(historyWith([NEW], database).found(event)).rejects.toMatchObject({
    code: "history_key_missing",
    message: expect.stringMatching(/no key of `history.keys` is [0-9a-f]{8}/),
  });
  // Names that nobody asked for lead to no segment, and so to no key.
  expect(await historyWith([NEW], database).found(searchName.key("nobody's"))).toEqual([]);
  await database.query("update sluice_history.segments set body = set_byte(body, 40, get_byte(body, 40) # 1)");
  await expect(historyWith([OLD], database).found(event)).rejects.toThrow(/unable to authenticate/);
});
