import { afterAll, beforeAll, expect, test } from "vitest";
import { CONFIGURATION, signed } from "../fleet.ts";
import { until } from "../until.ts";
import { openPlace, type Place } from "./place.fixture.ts";

/** One broken mapping that makes far more dead letters than Redis has room for, where no history takes them, beside a source that is well. */
let place: Place;

beforeAll(async () => {
  // The budget leaves 3 MB for the letters of one source.
  place = await openPlace(`redis_memory_budget: 48mb\nhistory: false\n${CONFIGURATION}`, { SLUICE_LOG: "fatal" });
  await place.start();
});
afterAll(async () => await place.close());

async function post(source: string, id: string, data: object): Promise<{ status: number; text: string }> {
  const { headers, ...request } = signed(id, JSON.stringify({ type: "customer.updated", data }));
  const { prefer: _prefer, ...proof } = headers;
  const response = await fetch(`http://127.0.0.1:${place.ports.ingress}/webhooks/${source}`, {
    ...request,
    headers: proof,
  });
  return { status: response.status, text: await response.text() };
}

const idsIn = (output: string): string[] => output.split("\n").flatMap((line) => /^(e_\S+)/.exec(line)?.[1] ?? []);

test(
  "a source whose letters are full gets 503 and nothing of it is lost; another one flows, and the letters are paged",
  { timeout: 420_000 },
  async () => {
    const city = "x".repeat(8000);
    let accepted = 0;
    let refused = "";
    for (let sent = 0; refused === "" && sent < 20_000; sent += 20) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, at) => {
          const data = { id: sent + at, version: "yesterday", city };
          return await post("erp", `broken-${sent + at}`, data);
        }),
      );
      accepted += answers.filter(({ status }) => status === 202).length;
      refused = answers.find(({ status }) => status !== 202)?.text ?? "";
    }
    expect(JSON.parse(refused)).toMatchObject({ error: { code: "dead_letters_full" } });
    expect(refused).toContain("sluice dead list --source erp");
    // Far more webhooks came in than there is room for: 3 MB are some 350 letters.
    expect(accepted).toBeGreaterThan(350);
    expect(await place.text("ingress", "/readyz")).toContain("dead letters fill their room (erp: ");

    for (let id = 0; id < 50; id += 1) {
      const data = { id, version: "2026-05-05T00:00:00Z", name: `C${id}`, tier: "gold" };
      expect(await post("shop", `well-${id}`, data)).toMatchObject({ status: 202 });
    }
    await until(
      async () => (await place.records()).size,
      (count) => count === 50,
    );
    // Each process looks at the letters' room by itself, once in a while.
    await until(
      async () => await place.metric('sluice_dead_letters_room_ratio{source="erp"}'),
      (ratio) => ratio >= 1,
    );
    expect(await place.sluice("audit")).toMatchObject({ code: 0 });

    const first = await place.sluice("dead", "list", "--source", "erp", "--limit", "5");
    const after = /^more: --after (\S+)$/m.exec(first.output)?.[1];
    expect(idsIn(first.output)).toHaveLength(5);
    const second = await place.sluice("dead", "list", "--source", "erp", "--limit", "5", "--after", after!);
    expect(new Set([...idsIn(first.output), ...idsIn(second.output)]).size).toBe(10);

    // Webhooks that waited for room are understood as soon as there is some.
    const waiting = async (): Promise<number> =>
      (await place.metric("sluice_intake_waiting_webhooks")) +
      (await place.metric('sluice_dead_records{destination="crm"}'));
    await until(
      async () => {
        await place.sluice("dead", "discard", "--source", "erp");
        return await waiting();
      },
      (left) => left === 0,
    );
    const audit = await place.sluice("audit", "--json");
    expect(audit.code, audit.output).toBe(0);
    const { accounts } = JSON.parse(audit.printed) as {
      accounts: { source: string; outcomes: { dead: number; discarded: number } }[];
    };
    const { outcomes } = accounts.find(({ source }) => source === "erp")!;
    expect(outcomes).toMatchObject({ dead: accepted, discarded: accepted });
    // The door looks at the letters' room now and then: until it does, its sender sends again.
    const again = { id: 1, version: "2026-05-06T00:00:00Z", tier: "tin" };
    await until(
      async () => (await post("erp", "again", again)).status,
      (status) => status === 202,
    );
  },
);
