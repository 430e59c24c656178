import { spawnSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { startFleet } from "../test/fleet.ts";

const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;

// The console shows the figures of its process alone, as each of these does too.
test("Prometheus' own tool has nothing to say against the metrics of a door, a worker and the store", async ({
  skip,
}) => {
  skip(!hasPromtool, "promtool is not there: the metrics were not judged");
  const fleet = await startFleet();
  onTestFinished(async () => await fleet.close());
  const data = { id: 1, name: "Customer", tier: "gold", version: 1 };
  await fleet.send({ id: "m-1", type: "customer.updated", data });
  await fleet.send({ id: "m-2", type: "nobody.knows", data });
  await fleet.drained();
  for (const url of [fleet.ingress, ...fleet.workers, fleet.records]) {
    const input = await (await fetch(`${url}/metrics`)).text();
    expect(input).toContain("process_cpu_seconds_total");
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input, encoding: "utf8" });
    expect(`${stdout}${stderr}`.trim()).toBe("");
    expect(status).toBe(0);
  }
});
