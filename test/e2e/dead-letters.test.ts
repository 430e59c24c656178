import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ended } from "../sluice-commands.ts";
import { until } from "../until.ts";
import { openPlace, type Place } from "./place.fixture.ts";

/** `sluice dead …` and `sluice audit` as an operator types them, beside a Sluice that runs. */
let place: Place;

beforeAll(async () => {
  place = await openPlace();
  await place.start();
});
afterAll(async () => await place.close());

const sluice = async (...words: string[]): Promise<Ended> => await place.sluice(...words);

type Letter = { id: string; key: { value: string } | null; reason: { code: string }; change?: unknown };
async function letters(...filters: string[]): Promise<Letter[]> {
  const { output } = await sluice("dead", "list", "--json", ...filters);
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Letter);
}

/** A look at the metrics is cheaper than starting a command again and again. */
const deadRecords = async (): Promise<number> => await place.metric('sluice_dead_records{destination="crm"}');

const fieldsOf = async (externalId: string): Promise<unknown> => (await place.records()).get(externalId);

test("dead letters are listed, shown, edited, replayed and discarded, and the books stay exact", async () => {
  const version = "2026-05-01T00:00:00Z";
  await place.send("ill-1", { id: 1, version, name: "Ill", tier: "gold", balance: "much" });
  await place.send("ill-2", { id: 2, version, name: "Worse", balance: "more" });
  await place.send("fault-1", { id: 3, version: "yesterday", name: "Nobody", tier: "tin" });
  await until(deadRecords, (dead) => dead === 3);
  const all = await letters();
  expect(all).toHaveLength(3);
  expect(all.map(({ reason }) => reason.code).toSorted()).toEqual(["RecordInvalid", "RecordInvalid", "mapping_failed"]);
  const [first] = await letters("--key", "c-1");
  const [second] = await letters("--key", "c-2", "--source", "erp", "--since", "1h");
  const [fault] = await letters("--code", "mapping_failed");
  expect([first, second, fault].every((each) => each !== undefined)).toBe(true);
  expect(await letters("--until", "1h")).toEqual([]);

  const shown = await sluice("dead", "show", first!.id);
  for (const part of ["RecordInvalid", "erp ill-1", '"balance": "much"', "PATCH", "422", "next:"]) {
    expect(shown.output).toContain(part);
  }

  const unasked = await sluice("dead", "replay");
  expect(unasked).toMatchObject({ code: 1, output: expect.stringContaining("--dry-run") as string });
  const dry = await sluice("dead", "replay", "--all", "--dry-run");
  expect(dry.output).toContain("Nothing was done.");
  expect(dry.output).toContain("leave it:");
  const foreseen = await sluice("dead", "replay", "--all", "--dry-run", "--json");
  const would = foreseen.printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { id: string; would: string });
  expect(would.toSorted((a, b) => (a.would < b.would ? -1 : 1))).toMatchObject([
    { id: fault!.id, would: "leave", why: expect.stringContaining("RFC 3339") as string },
    { would: "send_again", why: null },
    { would: "send_again", why: null },
  ]);
  const inVain = await sluice("dead", "replay", fault!.id, "--json");
  expect([inVain.code, JSON.parse(inVain.printed)]).toMatchObject([1, { id: fault!.id, done: false }]);
  expect(await letters()).toHaveLength(3);

  // Unchanged, the letter is refused again; edited, it goes out, with the tier that only the refused event carried.
  expect((await sluice("dead", "replay", first!.id)).output).toContain("1 replayed");
  await until(deadRecords, (dead) => dead === 3);
  expect(await letters("--key", "c-1")).toHaveLength(1);
  expect((await sluice("dead", "replay", first!.id, "--set", "balance=7.5")).output).toContain("1 replayed");
  // The refused field may have been set aside meanwhile, and the others written before it.
  const edited = await until(
    async () => await fieldsOf("c-1"),
    (fields) => (fields as { balance?: number | null } | undefined)?.balance === 7.5,
  );
  expect(edited).toMatchObject({ tier: "gold" });
  // A newer event still wins over the edit.
  await place.send("well-1", { id: 1, version: "2026-05-02T00:00:00Z", balance: 8 });
  await until(
    async () => await fieldsOf("c-1"),
    (fields) => (fields as { balance: number }).balance === 8,
  );

  const wouldGo = await sluice("dead", "discard", second!.id, "--dry-run", "--json");
  expect(JSON.parse(wouldGo.printed)).toEqual({ id: second!.id, would: "discard" });
  const discarded = await sluice("dead", "discard", second!.id, "--json");
  expect(JSON.parse(discarded.printed)).toEqual({ id: second!.id, done: true, word: "discarded", why: null });
  expect(await sluice("dead", "discard", second!.id)).toMatchObject({
    code: 1,
    output: expect.stringContaining("There is no dead letter") as string,
  });
  expect((await sluice("dead", "replay", fault!.id)).code).toBe(1);
  expect((await sluice("dead", "replay", fault!.id, "--set", `data.version=${version}`)).output).toContain(
    "1 accepted",
  );
  await until(
    async () => await fieldsOf("c-3"),
    (fields) => (fields as { tier?: string } | undefined)?.tier === "tin",
  );

  expect(await letters()).toEqual([]);
  const audit = await sluice("audit");
  expect(audit).toMatchObject({ code: 0, output: expect.stringContaining("exactly one outcome") as string });
});
