import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createShutdown, createLog, readConfiguration, type Shutdown } from "@sluice/runtime";
import { readSettings } from "../environment.ts";
import { recordsSettings } from "./records-settings.ts";
import { startRole } from "./role.ts";

const read = (env: Record<string, string>, yaml?: string) =>
  recordsSettings({ env }, yaml === undefined ? undefined : readConfiguration(yaml, { path: "sluice.yaml", env: {} }));

test("without a word of either, links go by the request and the contract's rulings hold", () => {
  expect(read({})).toEqual({ origin: {}, quirks: {} });
  expect(read({ STRICT_FIELDS: "", SLUICE_RECORDS_PUBLIC_URL: "" }, "trusted_proxies: []\n")).toEqual({
    origin: { trustedProxies: [] },
    quirks: {},
  });
});

test("where the environment and the file both speak, the environment decides", () => {
  const yaml = `
trusted_proxies: [10.0.0.0/8]
records_store: { public_url: "https://file.example/x", next_on_last_page: true, strict_fields: true }
`;
  expect(read({}, yaml)).toEqual({
    origin: { publicUrl: "https://file.example/x", trustedProxies: ["10.0.0.0/8"] },
    quirks: { nextOnLastPage: true, unknownFields: "refuse" },
  });
  const env = {
    SLUICE_RECORDS_PUBLIC_URL: "https://env.example",
    ZENDESK_QUIRK_NEXT_ON_LAST_PAGE: "0",
    STRICT_FIELDS: "False",
  };
  expect(read(env, yaml)).toMatchObject({
    origin: { publicUrl: "https://env.example" },
    quirks: { nextOnLastPage: false, unknownFields: "leave out" },
  });
});

test.each([
  ["STRICT_FIELDS", "maybe"],
  ["ZENDESK_QUIRK_NEXT_ON_LAST_PAGE", "2"],
  ["SLUICE_RECORDS_PUBLIC_URL", "api.example.com"],
  ["SLUICE_RECORDS_PUBLIC_URL", "ftp://api.example.com"],
  ["SLUICE_RECORDS_PUBLIC_URL", "https://api.example.com/?x=1"],
])("%s=%s is refused by name rather than read as something else", (name, value) => {
  expect(() => read({ [name]: value })).toThrow(new RegExp(`${name} is`));
});

describe("the role as it is started", () => {
  let dataDir: string;
  const log = createLog({ role: "test", level: "silent" });
  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), "sluice-records-role-"));
    cpSync(inject("emptyPostgres"), join(dataDir, "postgres"), { recursive: true });
    writeFileSync(
      join(dataDir, "sluice.yaml"),
      `
records_store: { next_on_last_page: true, strict_fields: true, public_url: "https://file.example/x" }
objects:
  thing: { title: Thing, title_pluralized: Things, fields: { tier: { title: Tier } } }
`,
    );
  });
  afterAll(() => rmSync(dataDir, { recursive: true }));

  async function started<T>(env: Record<string, string>, work: (url: string) => Promise<T>): Promise<T> {
    const settings = readSettings({
      SLUICE_CONFIG: join(dataDir, "sluice.yaml"),
      SLUICE_DATA_DIR: dataDir,
      SLUICE_RECORDS_PORT: "0",
      SLUICE_RECORDS_TOKEN: "t",
      SLUICE_LOG: "silent",
      ...env,
    });
    let shutdown: Shutdown = createShutdown({ log });
    try {
      const role = await startRole("records", settings);
      ({ shutdown } = role);
      return await work(role.url);
    } finally {
      await shutdown.stop();
    }
  }

  /** Upserts with a field too many, and looks at the only page of the list. */
  const tried = async (url: string) => {
    const records = `${url}/api/v2/custom_objects/thing/records`;
    const headers = { authorization: "Bearer t" };
    const upsert = async (custom_object_fields: object) =>
      await fetch(`${records}?external_id=E1`, {
        method: "PATCH",
        headers,
        body: JSON.stringify({ custom_object_record: { name: "One", custom_object_fields } }),
      });
    await upsert({ tier: "gold" });
    const { status } = await upsert({ teir: "gold" });
    const list = (await (await fetch(records, { headers })).json()) as {
      links: { next: string | null };
      custom_object_records: { url: string }[];
    };
    return {
      unknownField: status,
      nextOnLastPage: list.links.next !== null,
      link: list.custom_object_records[0]?.url.replace(/\/api\/v2.*/, ""),
    };
  };

  test("hears each setting from the file, and from the environment before it", async () => {
    expect(await started({}, tried)).toEqual({
      unknownField: 422,
      nextOnLastPage: true,
      link: "https://file.example/x",
    });
    const env = {
      STRICT_FIELDS: "false",
      ZENDESK_QUIRK_NEXT_ON_LAST_PAGE: "0",
      SLUICE_RECORDS_PUBLIC_URL: "https://env.example",
    };
    expect(await started(env, tried)).toEqual({
      unknownField: 200,
      nextOnLastPage: false,
      link: "https://env.example",
    });
  });
});
