import { setImmediate as turn } from "node:timers/promises";
import type { History } from "@sluice/history";
import { expect, test } from "vitest";
import { openConsole, TEXT } from "../console.fixture.ts";
import { startConsole } from "../start.ts";

/** A history that is looked through for as long as nobody ends that. */
function endless(): History {
  return {
    async confirmed(_asked: unknown, isOver: () => boolean) {
      while (!isOver()) await turn();
      return null;
    },
    close: async () => {},
  } as unknown as History;
}

test("of reconciles of one destination that are begun at once one is, and another where that has ended", async () => {
  const at = await openConsole(TEXT, endless());
  const begun = await Promise.all([1, 2, 3].map(async () => await at.post("/api/reconciles", { destination: "crm" })));
  expect(begun.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409, 409]);
  const { id } = begun.find(({ status }) => status === 202)!.body;
  expect((await at.post("/api/reconciles", { destination: "crm" })).body.error.code).toBe("act_conflict");
  await at.post(`/api/reconciles/${id}/abort`);
  await expect.poll(async () => (await at.get(`/api/reconciles/${id}`)).body.state).toBe("aborted");
  expect((await at.post("/api/reconciles", { destination: "crm" })).status).toBe(202);
});

test("a console that stops says that its reconcile is lost, and leaves nothing of it behind", async () => {
  let stop = async (): Promise<void> => {};
  const at = await openConsole(TEXT, endless(), async (options) => {
    const running = await startConsole(options);
    stop = async () => await running.close();
    return running;
  });
  const { id } = (await at.post("/api/reconciles", { destination: "crm" })).body;
  await stop();
  const kept = JSON.parse((await at.queue.temporaryTexts.map("reconciles", 60_000).get(id))!);
  expect(kept.reconcile).toMatchObject({ state: "lost", endedAt: expect.any(String) });
});
