import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import type { MappedEvent } from "@sluice/record";
import { customerEvent } from "../customer-event.fixture.ts";
import { assertSupported, createAcknowledgement, type Ack } from "./acknowledgement.ts";
import { createMerging, type Merging } from "../merging/merging.ts";
import { connect, waitUntilReady } from "../connection/connection.ts";
import { createLane, type Lane } from "../lane.ts";

let redis: Redis;
let namespace: string;
beforeEach(async () => {
  namespace = `ack-${randomUUID()}`;
  redis = connect(inject("redisUrl"), "door", (error) => console.error(error));
  await waitUntilReady(redis);
});
afterEach(() => redis.disconnect());

function door(ack: Ack): Merging & { readonly lane: Lane } {
  const options = { namespace, destination: "crm", dedupeWindowMs: 60_000, orderingHorizonMs: 60_000 };
  const lane = createLane(redis, { ...options, acknowledgement: createAcknowledgement(redis, ack) });
  return { ...createMerging(() => lane), lane };
}

function event(id: string): MappedEvent {
  return customerEvent(1n, { tier: "gold" }, { id, key: id });
}

/** The traffic of the connection, in order: the commands' names, and `answer` for each answer. */
function listen(): string[] {
  const seen: string[] = [];
  const { stream } = redis;
  const write = stream.write.bind<(chunk: string | Buffer) => boolean>(stream);
  stream.write = (chunk: string | Buffer) => {
    const names = String(chunk).matchAll(/\*\d+\r\n\$\d+\r\n([A-Za-z]+)\r\n/g);
    for (const [, name = ""] of names) seen.push(name.toLowerCase());
    return write(chunk);
  };
  stream.on("data", () => {
    if (seen.at(-1) !== "answer") seen.push("answer");
  });
  return seen;
}

test("the merge of an event is one command and one round trip", async () => {
  const { merge } = door("redis");
  await merge([event("first")]); // the connection learns the script
  const seen = listen();
  expect(await merge([event("e1")])).toEqual(["accepted"]);
  expect(seen).toEqual(["evalsha", "answer"]);
});

test("what is merged at once goes out in as few commands as Redis can carry out without standing still", async () => {
  const { merge } = door("redis");
  await merge([event("first")]);
  const seen = listen();
  await Promise.all(Array.from({ length: 50 }, async (_, n) => await merge([event(`e${n}`)])));
  expect(seen).toEqual(["evalsha", "answer"]);
});

test("the question whether it is kept goes out behind the answer", async () => {
  const { merge } = door({ replicas: 0 });
  await merge([event("first")]);
  const seen = listen();
  expect(await merge([event("e1")])).toEqual(["accepted"]);
  expect(seen).toEqual(["evalsha", "answer", "wait", "answer"]);
});

test("all that is merged at once shares one question, and each is answered for itself", async () => {
  const { merge } = door({ replicas: 0 });
  await merge([event("first")]);
  const seen = listen();
  const events = Array.from({ length: 300 }, (_, n) => event(`e${n % 290}`));
  const words = await merge(events);
  expect(words.filter((word) => word === "duplicate")).toHaveLength(10);
  expect(words.slice(290)).toEqual(Array.from({ length: 10 }, () => "duplicate"));
  expect(seen.filter((name) => name === "wait")).toHaveLength(1);
});

test("what no replica has is not confirmed, and the same delivery read again is no second one", async () => {
  const one = event("e1");
  // Redis says no after four seconds, and on a busy machine a door's five would be over before it is heard.
  redis.options.commandTimeout = 60_000;
  await expect(door({ replicas: 1 }).merge([one])).rejects.toThrow("WAIT confirmed 0 of 1");
  const { merge, lane } = door("redis");
  expect(await merge([one])).toEqual(["accepted"]);
  expect((await lane.numbers()).accepted.get("erp")).toBe(1);
});

const FACTS = {
  version: "7.2.0",
  role: "master",
  replicas: 0,
  usedBytes: 0,
  limitBytes: 0,
  delayedSyncs: 0,
  unwrittenBytes: 0,
} as const;
test.each([
  ["Redis", "7.2.0", "everysec", true],
  ["Redis", "8.0.2", "always", true],
  ["Redis", "7.0.15", "always", false],
  ["Redis", "6.2.14", "always", false],
  ["Redis", "8.0.2", "no", false],
  ["Redis", "8.0.2", "snapshots", false],
  ["Redis", "8.0.2", "never", false],
  ["Redis", "8.0.2", "unknown", true],
  ["Valkey", "7.2.4", "everysec", false],
  ["Valkey", "7.2.4", "always", true],
] as const)("whether a %s %s that syncs %s can do `ack: fsync`: %s", (server, version, sync, can) => {
  const codeOf = (ack: Ack): unknown => {
    try {
      assertSupported(ack, { ...FACTS, version, sync, isValkey: server === "Valkey" });
      return null;
    } catch (error) {
      return (error as { code: unknown }).code;
    }
  };
  expect(codeOf("fsync")).toBe(can ? null : "ack_unsupported");
  expect(codeOf("redis")).toBeNull();
});
