import type { Json } from "@sluice/event";
import { NAME_FIELD, type RecordKey } from "@sluice/record";
import { expect, test } from "vitest";
import type { Destination, Exchange, JobExchange, JobPage, RunningJob, Write } from "./destination.ts";

/** A destination of some kind, in front of a real server that a test can put into a bad mood. */
export type Subject = {
  open(how?: { readonly credentials?: "wrong"; readonly nobodyListens?: true }): Destination;
  /** An object with the text field `tier` and the whole number `balance`. */
  readonly object: string;
  /** All fields of a record as the server holds them; null: there is no such record. */
  stored(key: string): Promise<Readonly<Record<string, unknown>> | null>;
  /** The mood of the next request. */
  meet(mood: "busy for 7 s" | "down" | "answer lost before" | "answer lost after"): Promise<void>;
};

const signal = new AbortController().signal;
let writes = 0;

function writeOf(object: string, key: string, fields: Readonly<Record<string, Json>> | null): Write {
  writes += 1;
  const stamp = { version: 1n, rank: 0, tail: "" };
  const entries = Object.entries(fields ?? {}).map(
    ([field, value]) => [field, { change: 1, stamp, source: "erp", value }] as const,
  );
  const deletion = fields === null ? ({ change: 1, stamp, source: "erp" } as const) : null;
  return {
    effect: fields === null ? "delete" : "fields",
    claim: {
      id: key,
      object,
      key: { by: "external_id", value: key },
      fence: String(1_800_000_000_000_000 + writes),
      snapshot: { deletion, fields: new Map(entries) },
    },
  };
}

/**
 * The tests that every kind passes, whatever it speaks: docs/design.md §6 from the outside. `subject` is called in each test.
 * @param lacks the parts of a destination that this kind does not have
 */
export function conforms(subject: () => Subject, lacks: readonly ("jobs" | "readBack")[] = []): void {
  const send = async (write: Write, how?: Parameters<Subject["open"]>[0]): Promise<Exchange> => {
    const destination = subject().open(how);
    try {
      return await destination.write(write, signal);
    } finally {
      await destination.close();
    }
  };
  // Some destinations make no record without a name.
  const upsert = (key: string, fields: Readonly<Record<string, Json>>): Write =>
    writeOf(subject().object, key, { [NAME_FIELD]: key, ...fields });
  const remove = (key: string): Write => writeOf(subject().object, key, null);

  test("a write is done, stands there, and may be repeated", async () => {
    for (let times = 2; times > 0; times -= 1) {
      expect((await send(upsert("a", { tier: "gold" }))).answer).toEqual({ kind: "done" });
      expect(await subject().stored("a")).toMatchObject({ tier: "gold" });
    }
  });

  test("a field that is not sent stays, and null clears one", async () => {
    await send(upsert("b", { tier: "gold", balance: 3 }));
    expect((await send(upsert("b", { tier: null }))).answer.kind).toBe("done");
    expect(await subject().stored("b")).toMatchObject({ tier: null, balance: 3 });
  });

  test("a delete is done, and one that finds nothing is gone", async () => {
    await send(upsert("c", { tier: "gold" }));
    expect((await send(remove("c"))).answer.kind).toBe("done");
    expect(await subject().stored("c")).toBeNull();
    expect((await send(remove("c"))).answer.kind).toBe("gone");
  });

  test("a value that is refused is the record's fault, by the name of its field", async () => {
    const { answer } = await send(upsert("d", { tier: "gold", balance: "many" }));
    expect(answer).toMatchObject({ kind: "record", names: ["balance"] });
    expect(await subject().stored("d")).toBeNull();
  });

  test("an object that does not exist stops that object, for a write as for a delete", async () => {
    const stop = { kind: "stop", scope: "object" };
    expect((await send(writeOf("nowhere", "e", { tier: "gold" }))).answer).toMatchObject(stop);
    expect((await send(writeOf("nowhere", "e", null))).answer).toMatchObject(stop);
  });

  test("wrong credentials are told as such", async () => {
    expect((await send(upsert("f", { tier: "gold" }), { credentials: "wrong" })).answer.kind).toBe("credentials");
  });

  test("a quota that is used up names its time, and is no fault", async () => {
    await subject().meet("busy for 7 s");
    expect((await send(upsert("g", { tier: "gold" }))).answer).toMatchObject({ kind: "slow", forMs: 7000 });
  });

  test("trouble of its own is told as down, and so is a server where nobody listens: nothing was written", async () => {
    await subject().meet("down");
    expect((await send(upsert("h", { tier: "gold" }))).answer.kind).toBe("down");
    expect((await send(upsert("h", { tier: "gold" }), { nobodyListens: true })).answer.kind).toBe("down");
    expect(await subject().stored("h")).toBeNull();
  });

  test.each(["answer lost before", "answer lost after"] as const)(
    "silence is unknown, never a failure (%s)",
    async (mood) => {
      await subject().meet(mood);
      const { answer, shown } = await send(upsert(mood, { tier: "gold" }));
      expect(answer.kind).toBe("unknown");
      expect(shown).toBeNull();
    },
  );

  test("a request that is cut off rejects with the reason of its signal", async () => {
    const stop = new AbortController();
    stop.abort(new Error("the worker stops"));
    const destination = subject().open();
    await expect(destination.write(upsert("i", { tier: "gold" }), stop.signal)).rejects.toThrow("the worker stops");
    await destination.close();
  });

  test("what it lacks is not there, and all else is", async () => {
    const destination = subject().open();
    const absent = (["jobs", "readBack"] as const).filter((part) => destination[part] === undefined);
    expect(absent).toEqual(lacks);
    await destination.close();
  });

  test("a job answers for each write by its place, and one that fails fails alone", async ({ skip }) => {
    skip(lacks.includes("jobs"), "this kind has none");
    const destination = subject().open();
    const jobs = destination.jobs!;
    const all = [upsert("j1", { tier: "a" }), upsert("j2", { balance: "many" }), upsert("j3", { tier: "c" })];
    expect(new Set(all.map((write) => jobs.groupOf(write))).size).toBe(1);
    const items = await ended(await jobs.start(all, signal));
    expect(items.map(({ answer }) => answer.kind)).toEqual(["done", "record", "done"]);
    expect(items.every(({ shared }) => shared)).toBe(true);
    expect(await subject().stored("j3")).toMatchObject({ tier: "c" });
    await destination.close();
  });

  test("a running job is followed by its name, by another process, of some of its records; its list shows it, and by its id", async ({
    skip,
  }) => {
    skip(lacks.includes("jobs"), "this kind has none");
    const first = subject().open();
    const all = [upsert("k1", { tier: "a" }), upsert("k2", { tier: "b" })];
    const { job } = await first.jobs!.start(all, signal);
    if (job.kind !== "running") throw new Error(`the job is ${job.kind}`);
    const name = job.job.name!;
    const { list } = first.jobs!;
    const listed = list === undefined ? [] : jobsOf(await list.page(null, signal)).filter(({ hasEnded }) => !hasEnded);
    const ids = listed.flatMap(({ id }) => [id, `${id}0`]);
    const asked = list === undefined ? [] : jobsOf(await list.of(ids, signal));
    // A destination may list no jobs.
    expect(listed).toHaveLength(list === undefined ? 0 : 1);
    expect(asked).toEqual(listed);
    await first.close();
    const second = subject().open();
    const resumed = second.jobs!.resume(name, [all[1]!], [1], 2);
    const items = await ended(await resumed!.look(signal));
    expect(items.map(({ answer }) => answer.kind)).toEqual(["done"]);
    expect(second.jobs!.resume("no such name", [all[1]!], [1], 2)).toBeNull();
    await second.close();
  });

  test("records are read back by their keys: values as they were written, who is not there, and when each was changed", async ({
    skip,
  }) => {
    skip(lacks.includes("readBack"), "this kind has none");
    await send(upsert("l1", { tier: "gold", balance: 3 }));
    await send(upsert("l2", { tier: null }));
    const destination = subject().open();
    const { requestsOf, read, holds } = destination.readBack!;
    const [keys = []] = requestsOf([keyOf("l1"), keyOf("nobody's"), keyOf("l2")]);
    const { exchange, records } = await read(subject().object, keys, signal);
    expect(exchange.answer).toEqual({ kind: "done" });
    expect(records).toMatchObject([{}, null, {}]);
    const [first, , second] = records!;
    expect(holds(first!.fields.get("tier"), "gold")).toBe(true);
    expect(holds(first!.fields.get("tier"), "silver")).toBe(false);
    expect([3, "3", 4].map((value) => holds(first!.fields.get("balance"), value))).toEqual([true, true, false]);
    expect(first!.fields.get(NAME_FIELD)).toBe("l1");
    expect([null, "gold"].map((value) => holds(second!.fields.get("tier"), value))).toEqual([true, false]);
    const { changedAtMs } = first!;
    expect(changedAtMs === null || Math.abs(changedAtMs - Date.now()) < 60_000).toBe(true);
    await destination.close();
  });

  test("so many records are asked for at once as one request carries, each once", async ({ skip }) => {
    skip(lacks.includes("readBack"), "this kind has none");
    const destination = subject().open();
    const keys = Array.from({ length: 250 }, (_, at) => keyOf(`many-${at}-${"x".repeat(at % 200)}`));
    const requests = destination.readBack!.requestsOf(keys);
    expect(requests.flat()).toEqual(keys);
    const read = await destination.readBack!.read(subject().object, requests[0]!, signal);
    expect(read.records).toEqual(requests[0]!.map(() => null));
    await destination.close();
  });

  test("a reading that fails reads nothing, and says why as a write would", async ({ skip }) => {
    skip(lacks.includes("readBack"), "this kind has none");
    const readOne = async (object: string, how?: Parameters<Subject["open"]>[0]): Promise<string> => {
      const destination = subject().open(how);
      const { exchange, records } = await destination.readBack!.read(object, [keyOf("m")], signal);
      expect(records).toBeNull();
      await destination.close();
      return exchange.answer.kind;
    };
    const { object } = subject();
    expect(await readOne("nowhere")).toBe("stop");
    expect(await readOne(object, { credentials: "wrong" })).toBe("credentials");
    expect(await readOne(object, { nobodyListens: true })).toBe("down");
    await subject().meet("busy for 7 s");
    expect(await readOne(object)).toBe("slow");
    await subject().meet("answer lost before");
    expect(await readOne(object)).toBe("unknown");
  });
}

function keyOf(value: string): RecordKey {
  return { by: "external_id", value };
}

function jobsOf({ page }: JobPage): readonly { readonly id: string; readonly hasEnded: boolean }[] {
  return page === null || page === "refused" ? [] : page.jobs;
}

async function ended(told: JobExchange): Promise<readonly Exchange[]> {
  let { job } = told;
  while (job.kind === "running") {
    const running: RunningJob = job.job;
    await new Promise((resolve) => setTimeout(resolve, 5));
    ({ job } = await running.look(signal));
  }
  if (job.kind !== "done") throw new Error(`the job is ${job.kind}`);
  return job.items;
}
