import { readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { CONFIGURATION } from "../fleet.ts";
import type { SluiceProcess } from "../sluice-process.ts";
import { openPlace } from "./place.fixture.ts";

/** Sluice as its users run it, whose private Redis finds less in its folder than it left there. */
test("a start on a file that was cut says so, counts it, and says what is missing until somebody has looked", async () => {
  const place = await openPlace(CONFIGURATION, { SLUICE_LOG: "warn" });
  onTestFinished(async () => await place.close());
  const { ports } = place;
  const start = async (): Promise<SluiceProcess> => {
    const up = await place.start();
    // The door answers before the output about the start is complete.
    await expect.poll(() => up.output()).toContain("Sluice is ready");
    return up;
  };
  const text = async (url: string): Promise<string> => await (await fetch(url)).text();

  const first = await start();
  for (let id = 0; id < 60; id += 1) {
    const data = { id, name: `Customer ${id}`, version: 1, tier: "gold" };
    await place.send(`e-${id}`, data);
  }
  expect(await text(`http://127.0.0.1:${ports.ingress}/readyz`)).toContain("no older than what was known of it");
  expect(await text(`http://127.0.0.1:${ports.ingress}/metrics`)).toMatch(/^sluice_redis_file_shortened_total 0$/m);
  await first.end("SIGTERM");

  const redis = join(place.folder, "data", "redis");
  const [file] = readdirSync(redis, { recursive: true, encoding: "utf8" }).filter((name) =>
    /appendonly.*\.aof(\.\d+\.incr\.aof)?$/.test(name),
  );
  truncateSync(join(redis, file!), Math.floor(statSync(join(redis, file!)).size / 2) + 1);

  const second = await start();
  expect(second.output()).toMatch(/began with less of its append-only file than there was/);
  expect(second.output()).toMatch(/went back to an earlier one/);
  expect(second.output().indexOf("went back")).toBeLessThan(second.output().indexOf("Sluice is ready"));
  for (const port of [ports.ingress, ports.worker]) {
    expect(await text(`http://127.0.0.1:${port}/readyz`)).toMatch(/went back to an earlier one.*compare them/);
  }
  expect(await text(`http://127.0.0.1:${ports.ingress}/metrics`)).toMatch(/^sluice_redis_file_shortened_total 1$/m);
  // The role that is asked for the fleet's numbers first shows them.
  expect(await text(`http://127.0.0.1:${ports.ingress}/metrics`)).toMatch(/^sluice_state_went_back 1$/m);

  const audit = await place.sluice("audit");
  expect(audit.code).toBe(1);
  expect(audit.output).toMatch(/Attention: .*went back to an earlier one/);
});
