import { randomUUID } from "node:crypto";
import { openQueue } from "@sluice/queue";
import { createLog, systemClock } from "@sluice/runtime";
import { expect, inject, onTestFinished, test } from "vitest";
import { createFleetTasks } from "./fleet-tasks.ts";

test("a console that stops ends its tasks, tells that more may have been to do, and writes down what was done", async () => {
  const queue = await openQueue({
    ...{ redisUrl: inject("redisUrl"), kind: "door", destinations: ["crm"], namespace: `tasks-${randomUUID()}` },
    ...{ dedupeWindowMs: 1000, orderingHorizonMs: 1000, onError() {} },
  });
  onTestFinished(async () => await queue.close());
  const tasks = createFleetTasks(queue, systemClock, createLog({ role: "console", level: "silent" }));
  const stepped = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const ends: string[] = [];
  const { id } = await tasks.begin({
    ...{ kind: "letters.replay", by: "operator", of: 3 },
    async run(progress) {
      expect(await progress.step("replayed")).toBe(true);
      stepped.resolve();
      await stopped.promise;
      expect(await progress.step("replayed")).toBe(false);
    },
    onEnd: async (task) => void ends.push(`${task.state} ${task.done}`),
  });
  await stepped.promise;
  const closing = tasks.close(10_000);
  stopped.resolve();
  await closing;
  expect(ends).toEqual(["lost 2"]);
  expect(await tasks.get(id)).toMatchObject({ state: "lost", done: 2, endedAt: expect.any(String) });
});
