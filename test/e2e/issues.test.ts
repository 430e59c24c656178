import { randomUUID } from "node:crypto";
import { createLog, readConfiguration, systemClock } from "@sluice/runtime";
import { expect, inject, onTestFinished, test } from "vitest";
import { openConsole, TEXT } from "../../services/console/src/console.fixture.ts";
import { startIngress } from "../../services/ingress/src/start.ts";
import { runCommand } from "../sluice-commands.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

/** A door of another Sluice, with one source for the webhooks of this one. */
async function openDoor(): Promise<string> {
  const text = `
sources:
  sluice:
    scheme: standard-webhooks
    secrets: ["${SECRET}"]
    records:
      - { destination: crm, object: issue, external_id: data.id, fields: { title: data.title } }
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:1", auth: { bearer: none } }
`;
  const door = await startIngress({
    configuration: readConfiguration(text, { path: "sluice.yaml", env: {} }),
    redisUrl: inject("redisUrl"),
    port: 0,
    clock: systemClock,
    log: createLog({ role: "ingress", level: "silent" }),
    namespace: `door-${randomUUID()}`,
  });
  onTestFinished(async () => await door.close(5000));
  return door.url;
}

/** The webhooks that the door has stored and refused. */
async function counted(door: string): Promise<string[]> {
  const text = await (await fetch(`${door}/metrics`)).text();
  const named = /^sluice_(?:intake_webhooks_total|events_refused_total)\{source="sluice".*$/gm;
  return [...text.matchAll(named)].map(([line]) => line);
}

test("Sluice's own door takes a webhook about an issue as what its scheme says it is", async () => {
  const door = await openDoor();
  const hook = `{ url: "${door}/webhooks/sluice", secret: ${SECRET} }`;
  const { fail } = await openConsole(`${TEXT}\nissue_webhooks: [${hook}]\n`);
  await fail(["a"]);
  await expect.poll(async () => await counted(door)).toEqual(['sluice_intake_webhooks_total{source="sluice"} 1']);
});

test("whoever has a terminal sees the issues, says that somebody looks after one, and that it is mended", async () => {
  const { url, fail, get } = await openConsole();
  const asked = ["--url", url, "--token", "operator-token"];
  const sluice = async (...words: string[]) => await runCommand(["issues", ...words, ...asked], {});
  expect((await sluice()).printed).toBe("There is no issue.\n");
  await fail(["a", "b"]);
  await expect.poll(async () => (await get("/api/issues")).body.open).toBe(1);
  const { printed } = await sluice("list");
  expect(printed).toMatch(/open +\S+ +2 changes for crm\/customer are dead: .+ docs\/runbooks\/SluiceDeadRecords\.md/);
  const { id } = JSON.parse((await sluice("list", "--json")).printed) as { id: string };
  const acknowledged = await sluice("ack", id, "--reason", "I look");
  expect([acknowledged.code, acknowledged.printed]).toEqual([
    0,
    expect.stringMatching(/acknowledged by .+: I look\n$/),
  ]);
  const again = await sluice("ack", id);
  expect([again.code, again.output]).toEqual([1, expect.stringContaining("it is acknowledged already")]);
  expect((await sluice("resolve", id)).code).toBe(0);
  expect((await sluice("list")).printed).toBe("There is no issue.\n");
  expect((await sluice("show", id)).printed).toContain("resolved by");
  expect((await sluice("list", "--state", "resolved")).printed).toContain(id);
});
