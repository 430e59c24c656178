import { randomUUID } from "node:crypto";
import { expect, inject, onTestFinished, test } from "vitest";
import { openQueue, type Queue } from "@sluice/queue";
import { systemClock } from "@sluice/runtime";
import { createHandedSecrets, placesInFleet } from "./handed-secrets.ts";

/** A door of this fleet whose configuration names these destinations. */
async function door(namespace: string, destinations: readonly string[]): Promise<Queue> {
  const queue = await openQueue({
    redisUrl: inject("redisUrl"),
    kind: "door",
    destinations,
    dedupeWindowMs: 1000,
    orderingHorizonMs: 1000,
    namespace,
    onError: (error) => console.error(error),
  });
  onTestFinished(async () => await queue.close());
  return queue;
}

test("a secret that was handed over stays, whichever destination the file names first", async () => {
  const namespace = `handed-${randomUUID()}`;
  const first = createHandedSecrets(systemClock, placesInFleet(await door(namespace, ["crm"]), ["crm"]));
  expect(await first.take("shop", "handed")).toBe(true);
  const after = createHandedSecrets(systemClock, placesInFleet(await door(namespace, ["new", "crm"]), ["new", "crm"]));
  expect(await after.of("shop")).toBe("handed");
  expect(await after.take("shop", "another")).toBe(false);
});

test("one that the release before kept beside its first destination is found, and no other is taken", async () => {
  const queue = await door(`handed-${randomUUID()}`, ["crm", "new"]);
  await queue.sharedText("crm", "secret:shop", 1000).replace(null, async () => ({ text: "old", keepMs: 60_000 }));
  const handed = createHandedSecrets(systemClock, placesInFleet(queue, ["new", "crm"]));
  expect(await handed.take("shop", "another")).toBe(false);
  expect(await handed.of("shop")).toBe("old");
});
