import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CONFIGURATION } from "../fleet.ts";
import { until } from "../until.ts";
import { openPlace, PLACE_TOKEN, type Place } from "./place.fixture.ts";

/** Versions and keys that are not as the others are, beside a Sluice that runs: each is that event's own dead letter. */
let place: Place;

beforeAll(async () => {
  place = await openPlace();
  await place.start();
});
afterAll(async () => await place.close());

async function askStore(path: string, request: RequestInit = {}): Promise<Response> {
  return await fetch(`http://127.0.0.1:${place.ports.records}/api/v2/custom_objects/customer/records${path}`, {
    ...request,
    headers: { authorization: `Bearer ${PLACE_TOKEN}`, "content-type": "application/json" },
  });
}

async function tiers(): Promise<Readonly<Record<string, unknown>>> {
  return Object.fromEntries([...(await place.records())].map(([key, { tier }]) => [key, tier]));
}

const deadRecords = async (): Promise<number> => await place.metric('sluice_dead_records{destination="crm"}');

async function codes(): Promise<readonly string[]> {
  const { output } = await place.sluice("dead", "list", "--json");
  const letters = output.split("\n").filter((line) => line.startsWith("{"));
  return letters.map((line) => (JSON.parse(line) as { reason: { code: string } }).reason.code);
}

test(
  "one stray version is that event's dead letter, later events of the object flow, and a command changes an object's kind",
  { timeout: 300_000 },
  async () => {
    await place.send("good-1", { id: 1, version: "2026-05-01T00:00:00Z", name: "One", tier: "tin" });
    await until(async () => (await tiers())["c-1"] === "tin");
    await place.send("stray", { id: 2, version: 1, name: "Two", tier: "stray" });
    await until(async () => (await deadRecords()) === 1);
    expect(await codes()).toEqual(["version_kind"]);
    // It ends as it did before, in a letter of the same name.
    const inVain = await place.sluice("dead", "replay", "--all");
    expect(inVain.code).toBe(1);
    expect(inVain.output).toContain("it could not be applied again: the new dead letter says why");
    expect(await codes()).toEqual(["version_kind"]);
    await place.send("good-2", { id: 1, version: "2026-05-02T00:00:00Z", tier: "gold" });
    await place.send("good-3", { id: 3, version: "2026-05-01T00:00:00Z", name: "Three", tier: "gold" });
    await until(async () => (await tiers())["c-1"] === "gold" && (await tiers())["c-3"] === "gold");
    expect(await deadRecords()).toBe(1);

    // Where the first event was the stray one.
    expect((await place.sluice("record", "reorder", "customer")).output).toContain("The next event on customer");
    await place.send("whole", { id: 4, version: 7, name: "Four", tier: "whole" });
    await until(async () => (await tiers())["c-4"] === "whole");
    const replayed = await place.sluice("dead", "replay", "--all");
    expect(replayed, replayed.output).toMatchObject({ code: 0 });
    await until(async () => (await tiers())["c-2"] === "stray");
  },
);

test(
  "a key that nobody could tell from another is a dead letter, as the store would refuse it, and a field key that no store has is told at the start",
  { timeout: 300_000 },
  async () => {
    // With the mark in front two records would be shown alike.
    const dead = await deadRecords();
    await place.send("unseen", { id: "9\uFEFF", version: 9, name: "Nine", tier: "unseen" });
    await until(async () => (await deadRecords()) === dead + 1);
    expect(await codes()).toContain("key_invalid");
    const body = JSON.stringify({ custom_object_record: { name: "Nine", custom_object_fields: {} } });
    const answer = await askStore(`?external_id=${encodeURIComponent("c-9\uFEFF")}`, { method: "PATCH", body });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("has characters that cannot be seen");

    const file = join(place.folder, "keys.yaml");
    writeFileSync(file, CONFIGURATION.replaceAll("tier: data.tier", "1: data.tier"));
    const checked = await place.sluice("config", "check", "--config", file);
    expect(checked.code).toBe(1);
    expect(checked.output).toMatch(/fields.*1/);
  },
);
