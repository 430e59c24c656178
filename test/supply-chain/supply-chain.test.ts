import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { graveOnes, knownAdvisories } from "./advisories.ts";
import { installedPackages, licenceFaults } from "./licences.ts";
import { partsFaults, partsList, type PartsList } from "./parts-list.ts";

test("every package that runs with Sluice has a licence that was decided on, and is in the list of parts", () => {
  const shipped = installedPackages(true);
  expect(shipped.map(({ name }) => name)).toContain("bullmq");
  expect(shipped.map(({ name }) => name)).not.toContain("vitest");
  expect(licenceFaults(shipped, true)).toEqual([]);
  const list = JSON.parse(partsList()) as PartsList;
  expect(list.bomFormat).toBe("CycloneDX");
  expect(partsFaults(list, shipped)).toEqual([]);
});

test("every tool of its development has a licence that was decided on", () => {
  const all = installedPackages(false);
  expect(all.map(({ name }) => name)).toContain("vitest");
  expect(licenceFaults(all, false)).toEqual([]);
});

const made = (licence: string) => [{ name: "made-up", versions: ["1.0.0"], licence }];

test("a licence that nobody decided on is told, and so is one for tools alone", () => {
  expect(licenceFaults(made("AGPL-3.0"), false)).toEqual([expect.stringContaining("made-up 1.0.0")]);
  expect(licenceFaults(made("Unknown"), true)).toEqual([expect.stringContaining("Unknown")]);
  expect(licenceFaults(made("MPL-2.0"), false)).toEqual([]);
  expect(licenceFaults(made("MPL-2.0"), true)).toEqual([expect.stringContaining("runs with Sluice")]);
});

test("a package that the list of parts leaves out, or names without its digest, is told", () => {
  const list: PartsList = { bomFormat: "CycloneDX", components: [] };
  expect(partsFaults(list, made("MIT"))).toEqual([expect.stringContaining("not in the list")]);
  const component = { name: "made-up", version: "1.0.0", licenses: [{}] };
  expect(partsFaults({ ...list, components: [component] }, made("MIT"))).toEqual([
    expect.stringContaining("without its licence or its digest"),
  ]);
});

/** The registry's list of weaknesses, as a thread that answers while the package manager is waited for. */
async function registryThat(answers: {
  readonly status: number;
  readonly body: object;
}): Promise<Record<string, string>> {
  const script = `
    const { workerData, parentPort } = require("node:worker_threads");
    const server = require("node:http").createServer((request, response) => {
      request.resume().on("end", () => {
        response.writeHead(workerData.status, { "content-type": "application/json" }).end(JSON.stringify(workerData.body));
      });
    });
    server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
  `;
  const thread = new Worker(script, { eval: true, workerData: answers });
  onTestFinished(async () => void (await thread.terminate()));
  const [port] = (await once(thread, "message")) as [number];
  return { PNPM_CONFIG_REGISTRY: `http://127.0.0.1:${port}/` };
}

test("a grave weakness of a package that runs with Sluice is a fault, a small one is told", async () => {
  const weakness = (severity: string) => ({
    id: severity.length,
    url: `https://example.com/${severity}`,
    title: `a ${severity} one`,
    severity,
    vulnerable_versions: ">=0.0.1",
    cwe: [],
    cvss: { score: 5, vectorString: null },
  });
  const body = { express: [weakness("critical")], qs: [weakness("low")] };
  const advisories = knownAdvisories(await registryThat({ status: 200, body }));
  expect(advisories).toHaveLength(2);
  expect(graveOnes(advisories!)).toEqual(["express: a critical one (critical, https://example.com/critical)"]);
});

test("a registry that does not tell is no fault, and is not taken for one that knows of none", async () => {
  expect(knownAdvisories(await registryThat({ status: 405, body: {} }))).toBeNull();
  expect(knownAdvisories(await registryThat({ status: 200, body: {} }))).toEqual([]);
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address() as AddressInfo;
  free.close();
  expect(knownAdvisories({ PNPM_CONFIG_REGISTRY: `http://127.0.0.1:${port}/` })).toBeNull();
});
