import type { History } from "@sluice/history";
import type { Queue } from "@sluice/queue";
import { expect, test } from "vitest";
import { openDeadLetterCatalog } from "./dead-letter-catalog.ts";
import { indexDeadLetters } from "./dead-letter-index.ts";
import { letterOf } from "./dead-letter.fixture.ts";

test("a letter that leaves for the history while those in Redis are read is counted in one of both", async () => {
  // It leaves in the midst of the reading, which passes it over; its row is good by what Redis says, and not yet by the history.
  const left: string[] = [];
  const index = indexDeadLetters(async function* () {
    await new Promise((resolve) => setImmediate(resolve));
    left.push("7");
    yield letterOf("e_2");
  });
  const filed = {
    rows: async () => ({ left: [...left], back: [] }),
    counts: async () => [{ destination: "crm", source: "erp", letters: 1 }],
    destinationNow: async (name: string) => name,
  };
  const letters = {
    groups: async (_: unknown, standing: { left: readonly string[] }) => ({
      groups: [],
      letters: standing.left.includes("7") ? 1 : 0,
    }),
  };
  const catalog = openDeadLetterCatalog({
    queue: { letters: { filed } } as unknown as Queue,
    history: { letters } as unknown as History,
    index,
    fleet: () => {
      throw new Error("not asked");
    },
  });
  expect(await catalog.groups({})).toMatchObject({ letters: 2, unreached: 0 });
});
