import { expect, inject, onTestFinished, test } from "vitest";
import { startFleet } from "../fleet.ts";
import { spawnWorker } from "../worker-process.ts";

test("the backlog's metrics survive the worker that shows them: after a SIGKILL another has them within ten seconds", async () => {
  const fleet = await startFleet({ workers: 0 });
  onTestFinished(async () => await fleet.close());
  const [killed, other] = await Promise.all([1, 2].map(async () => await spawnWorker(fleet, inject("redisUrl"))));
  onTestFinished(() => void other!.kill("SIGKILL"));
  const shows = async (url: string): Promise<boolean> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return /^sluice_pending_records\{/m.test(text) && /^sluice_intake_oldest_seconds /m.test(text);
  };
  expect(await shows(killed!.url)).toBe(true);
  expect(await shows(other!.url)).toBe(false);
  killed!.kill("SIGKILL");
  const killedAt = performance.now();
  while (!(await shows(other!.url))) {
    expect(performance.now() - killedAt).toBeLessThan(10_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});
