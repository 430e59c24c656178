import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import type { History } from "@sluice/history";
import { stampOf } from "@sluice/record";
import { createLog, readConfiguration, systemClock } from "@sluice/runtime";
import { expect, onTestFinished, test } from "vitest";
import { openConsole, TEXT } from "../console.fixture.ts";
import { startConsole } from "../start.ts";
import { openReconcileDesk } from "./reconcile-desk.ts";

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

/** A history with one record, whose tier was confirmed. */
function ofOneRecord(): History {
  const stamp = stampOf({ kind: "integer", value: 1n }, 0, {
    finerMicros: null,
    arrival: { micros: 1_000_000, session: 1 },
    run: 0,
  });
  const record = { destination: "crm", object: "customer", by: "external_id", key: "1" } as const;
  const fields = new Map([["tier", { stamp, isShown: true }]]);
  const value = { value: "gold", source: "erp", event: "e-1" };
  return {
    confirmed: async ({ placeOf }: { placeOf: (of: typeof record) => string }) => ({
      records: [{ record, place: placeOf(record), fields, deletion: null, lastEndedMs: 1000 }],
      until: null,
    }),
    values: async ({ wanted }: { wanted: ReadonlyMap<string, unknown> }) => ({
      values: new Map([...wanted.keys()].map((place) => [place, new Map([["tier", value]])])),
      until: null,
    }),
    gapTimes: async () => [],
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

test("a reconcile whose request is never answered ends as soon as it is aborted, and its request with it", async () => {
  const { promise: asked, resolve: hear } = Promise.withResolvers<IncomingMessage>();
  const server = createServer(hear).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const hangs = TEXT.replace("http://127.0.0.1:1/prefix", `http://127.0.0.1:${port}`).replace(
    "requests_per_minute",
    "timeout: 60s, requests_per_minute",
  );
  const at = await openConsole(hangs, ofOneRecord());
  const { id } = (await at.post("/api/reconciles", { destination: "crm" })).body;
  const closed = once((await asked).socket, "close");
  const beganMs = performance.now();
  await at.post(`/api/reconciles/${id}/abort`);
  await closed;
  await expect.poll(async () => (await at.get(`/api/reconciles/${id}`)).body.state).toBe("aborted");
  expect(performance.now() - beganMs).toBeLessThan(30_000);
});

test("a console that stops begins no reconcile, and says that another one answers", async () => {
  const { queue } = await openConsole(TEXT, endless());
  const configuration = readConfiguration(TEXT, { path: "sluice.yaml", env: {} });
  const desk = openReconcileDesk({
    ...{ queue, configuration: () => configuration, clock: systemClock, onRead() {} },
    ...{ log: createLog({ role: "console", level: "silent" }), history: endless() },
  });
  await desk.close(1000);
  const asked = { destination: "crm", object: null, sample: null, repair: false };
  await expect(desk.begin(asked, "operator")).rejects.toMatchObject({
    code: "act_conflict",
    message: "this console stops",
    hint: "Ask again: another one answers.",
  });
  expect(await desk.all()).toEqual([]);
});
