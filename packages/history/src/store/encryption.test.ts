import { createCipheriv, randomBytes } from "node:crypto";
import { cpSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { createLog, openDatabase, type Database } from "@sluice/runtime";
import { BEGAN_MICROS, webhookOf } from "../understood.fixture.ts";
import { namesOfUnderstood, searchName } from "../written/names.ts";
import { readUnderstood, writeUnderstood } from "../written/understood.ts";
import { createArchiveStore } from "./archive-store.ts";
import { createConnection } from "./connection.ts";
import { dayOf } from "./days.ts";
import { createEncryption, type Encryption } from "./encryption.ts";
import { gapsIn } from "./gaps.ts";
import { joinDay } from "./keeper.ts";
import { pack } from "./segment.ts";
import { walk } from "./walk.ts";

const NOW_MS = BEGAN_MICROS / 1000 + 3_600_000;
const [OLD, NEW] = [randomBytes(32), randomBytes(32)];

async function emptyDatabase(): Promise<Database> {
  const dataDir = mkdtempSync(join(inject("folder"), "history-"));
  cpSync(inject("emptyPostgres"), join(dataDir, "postgres"), { recursive: true });
  const database = await openDatabase({ dataDir, log: createLog({ role: "test", level: "silent" }) });
  onTestFinished(async () => await database.close());
  return database;
}

/** The history in this database, as a process with these keys has it. */
function historyWith(keys: readonly Uint8Array[], database: Database, encryption = createEncryption(keys)) {
  const altered: string[] = [];
  const connection = createConnection(
    async () => database,
    false,
    encryption,
    ({ code, message }) => void altered.push(`${code}: ${message}`),
  );
  const store = createArchiveStore(connection, () => NOW_MS);
  return {
    altered,
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
    gaps: async () => (await gapsIn(database, 0, NOW_MS)).map(({ reason }) => reason),
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
  expect(marks).toEqual(["\u0028\u00B5\u002F\u00FD", "SLE2", "SLE2"]);
  for (const at of [4, 5, 6, 7, 8]) await historyWith([NEW, OLD], database).write(at);
  expect(await historyWith([NEW, OLD], database).join()).toBeGreaterThan(0);
  expect(await historyWith([NEW], database).found(event)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test("without its key a segment is refused by name", async () => {
  const database = await emptyDatabase();
  const event = searchName.type(webhookOf({ micros: 0 }).events[0]!.type);
  await historyWith([OLD], database).write(1);
  await expect(historyWith([NEW], database).found(event)).rejects.toMatchObject({
    code: "history_key_missing",
    message: expect.stringMatching(/no key of `history.keys` is [0-9a-f]{8}/),
  });
  // Names that nobody asked for lead to no segment, and so to no key.
  expect(await historyWith([NEW], database).found(searchName.key("nobody's"))).toEqual([]);
});

/** As the release before encrypted: without the place. */
function sealedBefore(key: Uint8Array, of: Encryption): Encryption {
  const place = { stream: "understood", number: "1", fromMicros: 0, untilMicros: 0 };
  return {
    ...of,
    seal(body) {
      const nonce = randomBytes(12);
      const id = Buffer.from(of.seal(body, place)).subarray(4, 8);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      return Buffer.concat([
        ...[Buffer.from("SLE1"), id, nonce, cipher.update(body), cipher.final()],
        cipher.getAuthTag(),
      ]);
    },
  };
}

test("what the release before encrypted stays readable, and is bound to its row once it is joined", async () => {
  const database = await emptyDatabase();
  const event = searchName.type(webhookOf({ micros: 0 }).events[0]!.type);
  const before = historyWith([OLD], database, sealedBefore(OLD, createEncryption([OLD])));
  for (let micros = 1; micros <= 8; micros += 1) await before.write(micros);
  const now = historyWith([OLD], database);
  expect(await now.found(event)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  expect(await now.join()).toBe(7);
  const [joined] = await database.query<{ body: Uint8Array }>("select body from sluice_history.segments");
  expect(Buffer.from(joined!.body).toString("latin1", 0, 4)).toBe("SLE2");
  expect(await now.found(event)).toHaveLength(8);
});

test.each([
  ["that was changed", "set body = set_byte(body, 40, get_byte(body, 40) # 1) where number = 2"],
  ["that was cut off", "set body = substring(body for 20) where number = 2"],
  [
    "that is the copy of another one",
    "set body = (select body from sluice_history.segments where number = 1) where number = 2",
  ],
  ["whose time was changed", "set from_micros = 0, until_micros = 9223372036854775807 where number = 2"],
])("a segment %s is no history and is told once; the search goes on, and so does joining", async (_what, change) => {
  const database = await emptyDatabase();
  const event = searchName.type(webhookOf({ micros: 0 }).events[0]!.type);
  const history = historyWith([OLD], database);
  for (let micros = 1; micros <= 9; micros += 1) await history.write(micros);
  await database.query(`update sluice_history.segments ${change}`);
  const left = [9, 8, 7, 6, 5, 4, 3, 1];
  for (let search = 0; search < 2; search += 1) expect(await history.found(event)).toEqual(left);
  expect(history.altered).toEqual([
    expect.stringMatching(/^history_altered: segment 2 of the history .* is the copy of another one$/),
  ]);
  expect(await history.gaps()).toEqual(["altered"]);
  await history.join();
  expect(await history.found(event)).toHaveLength(8);
  expect(await database.query("select number from sluice_history.segments where number = 2")).toHaveLength(1);
});
