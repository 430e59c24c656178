import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CONFIGURATION, signed } from "../fleet.ts";
import { until } from "../until.ts";
import { openPlace, PLACE_TOKEN, type Place } from "./place.fixture.ts";

/** One broken mapping that makes several times the dead letters that Redis has room for, where a history is kept. */
const HEAD = "redis_memory_budget: 48mb\n";
let place: Place;

beforeAll(async () => {
  // The budget leaves 3 MB for the letters of one source: some 75 of these.
  place = await openPlace(HEAD + CONFIGURATION, { SLUICE_LOG: "fatal" });
  await place.start();
});
afterAll(async () => await place.close());

/** The version that nobody can read is asked for no more. The text is too long for a field. */
const MENDED = CONFIGURATION.replaceAll("version: data.version", "").replaceAll(", city: data.city", "");
const LETTERS = 240;
const CITY = "x".repeat(40_000);

async function post(id: string, data: object): Promise<string> {
  const { headers, ...request } = signed(id, JSON.stringify({ type: "customer.updated", data }));
  const { prefer: _prefer, ...proof } = headers;
  const url = `http://127.0.0.1:${place.ports.ingress}/webhooks/erp`;
  const answer = await fetch(url, { ...request, headers: proof });
  return answer.status === 202 ? "202" : `${answer.status} ${await answer.text()}`;
}

// eslint-disable-next-line typescript/no-explicit-any
async function ask(path: string, body?: object): Promise<any> {
  const answer = await fetch(`http://127.0.0.1:${place.ports.console}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${PLACE_TOKEN}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return await answer.json();
}

const deadRecords = async (): Promise<number> => await place.metric('sluice_dead_records{destination="crm"}');

test("several times the room's letters come in, the door stays open, and all of them are listed, mended and replayed", async () => {
  const statuses = new Set<string>();
  for (let sent = 0; sent < LETTERS; sent += 20) {
    const answers = Array.from({ length: 20 }, async (_, at) => {
      return await post(`broken-${sent + at}`, {
        id: sent + at,
        version: "yesterday",
        city: CITY,
        name: `C${sent + at}`,
      });
    });
    for (const status of await Promise.all(answers)) statuses.add(status);
    // As fast as they are understood: what waits to be is no letter yet, and can't leave.
    await until(deadRecords, (dead) => dead === sent + 20);
  }
  expect([...statuses]).toEqual(["202"]);
  await until(deadRecords, (dead) => dead === LETTERS);
  await until(
    async () => await place.metric('sluice_dead_letters_room_ratio{source="erp"}'),
    (ratio) => ratio > 0 && ratio <= 0.25,
  );
  const filed = await place.metric('sluice_dead_letters_in_history{destination="crm",source="erp"}');
  expect(filed).toBeGreaterThan(LETTERS / 2);

  // The console's list is a second old at most.
  const { groups, letters } = await until(
    async () => await ask("/api/letters/groups"),
    (answer) => answer.letters >= LETTERS,
  );
  expect([letters, groups]).toMatchObject([LETTERS, [{ count: LETTERS, code: "mapping_failed", sources: ["erp"] }]]);
  const list = await place.sluice("dead", "list", "--json", "--code", "mapping_failed");
  const ids = list.printed
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [(JSON.parse(line) as { id: string }).id]));
  expect([list.code, ids.length, new Set(ids).size]).toEqual([0, LETTERS, LETTERS]);

  // The first that came in has left long ago: it is shown, edited and replayed as any other.
  const oldest = ids.at(-1)!;
  expect((await place.sluice("dead", "show", oldest)).output).toContain("RFC 3339");
  const edited = await place.sluice(
    "dead",
    "replay",
    oldest,
    "--set",
    "data.version=2026-05-05T00:00:00Z",
    "--set",
    "data.city=Ulm",
  );
  expect(edited.output).toContain("1 accepted");
  expect((await place.sluice("dead", "replay", oldest)).output).toContain("There is no dead letter");

  // The mapping is mended, and all are replayed by one plan.
  writeFileSync(join(place.folder, "sluice.yaml"), HEAD + MENDED);
  const selection = { filter: { group: groups[0].id } };
  const plan = await until(
    async () => await ask("/api/letters/plan", { act: "replay", selection }),
    ({ would }) => would.leave === undefined,
  );
  expect(plan).toMatchObject({ letters: LETTERS - 1, more: 0, unreached: 0, would: { map_again: LETTERS - 1 } });
  const { id } = await ask("/api/letters/carry-out", { plan: plan.plan });
  const task = await until(
    async () => await ask(`/api/tasks/${id}`),
    ({ state }) => state === "done",
  );
  expect(task).toMatchObject({ results: { accepted: LETTERS - 1 }, problems: [] });
  await until(deadRecords, (dead) => dead === 0);
  expect(await ask("/api/letters/groups")).toMatchObject({ letters: 0, groups: [], unreached: 0 });

  const accountOf = async (): Promise<{ dead: number; applied: number }> => {
    const audit = await place.sluice("audit", "--json");
    expect(audit.code, audit.output).toBe(0);
    const { accounts } = JSON.parse(audit.printed) as {
      accounts: { source: string; outcomes: { dead: number; applied: number } }[];
    };
    return accounts.find(({ source }) => source === "erp")!.outcomes;
  };
  await until(accountOf, ({ applied }) => applied === LETTERS);
  expect(await accountOf()).toMatchObject({ dead: LETTERS, applied: LETTERS });
});
