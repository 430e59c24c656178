import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRecords, type RunningRecords } from "@sluice/records";
import { createLog, listen, openDatabase, systemClock, type Database } from "@sluice/runtime";
import type { CustomObjectRecord } from "@sluice/zendesk";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { exportRecords } from "./export-records.ts";
import { importRecords, type ImportOptions } from "./import-records.ts";
import { openRecordsApi, type RecordsApi } from "./records-api.ts";
import { compileRowMapping } from "./row-mapping.ts";
import { formatOf } from "./source-row.ts";

const TOKEN = "transfer-token";
let dataDir: string;
let database: Database;
let records: RunningRecords;
let api: RecordsApi;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "sluice-transfer-"));
  const log = createLog({ role: "records", level: "silent" });
  await cp(inject("emptyPostgres"), join(dataDir, "postgres"), { recursive: true });
  database = await openDatabase({ dataDir, log });
  const tokens = [{ token: TOKEN, role: "admin" }] as const;
  records = await startRecords({ database, tokens, port: 0, clock: systemClock, log });
  api = openRecordsApi(records.url, TOKEN);
});
afterAll(async () => {
  await api.close();
  await records.close();
  await database.close();
  await rm(dataDir, { recursive: true });
});

const OPTIONS = ["cold", "heavy"].map((value) => ({ name: value, value }));
const FIELDS = [
  { key: "note", title: "Note", type: "text" },
  { key: "pieces", title: "Pieces", type: "integer" },
  { key: "weight", title: "Weight", type: "decimal" },
  { key: "sold", title: "Sold", type: "checkbox" },
  { key: "since", title: "Since", type: "date" },
  { key: "labels", title: "Labels", type: "multiselect", custom_field_options: OPTIONS },
];
let made = 0;

async function object(): Promise<string> {
  const key = `parcel_${(made += 1)}`;
  await api.ask("POST", "custom_objects", { custom_object: { key, title: "Parcel", title_pluralized: "Parcels" } });
  for (const custom_object_field of FIELDS) {
    await api.ask("POST", `custom_objects/${key}/fields`, { custom_object_field });
  }
  return key;
}

async function file(name: string, content: string): Promise<string> {
  const path = join(dataDir, `${(made += 1)}-${name}`);
  await writeFile(path, content);
  return path;
}

type Wanted = Partial<ImportOptions> & { readonly map?: readonly string[]; readonly emptyClears?: boolean };

async function load(path: string, key: string, wanted: Wanted = {}, through: RecordsApi = api) {
  const { map = [], emptyClears = false, ...rest } = wanted;
  const fields = await api.fieldsOf(key);
  const mapping = compileRowMapping({ map, key: "external_id", fields, emptyClears });
  const format = formatOf(path) ?? "csv";
  const options = { path, format, object: key, key: "external_id", mapping, resume: false, onProgress() {} } as const;
  return await importRecords(through, { ...options, ...rest });
}

async function all(key: string): Promise<readonly CustomObjectRecord[]> {
  const path = join(dataDir, `${(made += 1)}-all.ndjson`);
  await exportRecords(api, { object: key, format: "ndjson", path, resume: false, onProgress() {} });
  return lines(await readFile(path, "utf8")) as CustomObjectRecord[];
}

function lines(text: string): unknown[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

describe("an import of CSV", () => {
  test("two rows of one key are each written or rejected by themselves, at once", async () => {
    const key = await object();
    const path = await file("twice.csv", "external_id,name,sold\nK1,First,maybe\nK1,Second,true\nk1,Third,false\n");
    const startedAt = performance.now();
    expect(await load(path, key)).toMatchObject({ written: 2, rejected: 1 });
    expect(performance.now() - startedAt).toBeLessThan(30_000);
    expect(lines(await readFile(`${path}.rejected.ndjson`, "utf8"))).toMatchObject([
      { line: 2, reason: expect.stringMatching(/sold|Sold/) as string },
    ]);
    expect(await all(key)).toMatchObject([
      { external_id: "K1", name: "Second", custom_object_fields: { sold: true } },
      { external_id: "k1", name: "Third", custom_object_fields: { sold: false } },
    ]);
  });

  test("a cell with quotes where none may be costs its own row", async () => {
    const key = await object();
    const path = await file("quotes.csv", 'external_id,name\nA-1,="00124"\nA-2,Two\nA-3,"open\n');
    expect(await load(path, key)).toMatchObject({ written: 1, rejected: 2 });
    expect(lines(await readFile(`${path}.rejected.ndjson`, "utf8"))).toMatchObject([
      { line: 2, reason: expect.stringContaining("is not CSV: Invalid Opening Quote") as string },
      { reason: expect.stringContaining("is not CSV: Quote Not Closed") as string },
    ]);
  });

  test("two columns of one name are refused: only one of them could be written", async () => {
    const key = await object();
    const path = await file("columns.csv", "external_id,name,note,note\nA-1,One,a,b\n");
    await expect(load(path, key)).rejects.toMatchObject({ code: "import_columns_ambiguous" });
  });

  test("reads a byte order mark, quotes, line breaks in cells and the types of fields, and leaves empty cells alone", async () => {
    const key = await object();
    const path = await file(
      "full.csv",
      "\uFEFFexternal_id,name,note,pieces,weight,sold,since,labels\r\n" +
        'A-1,"Smith, ""Jo""","two\nlines",7,2.5,true,2026-12-01,cold;heavy\r\n' +
        "A-2,Ünï,,,,,,\r\n",
    );
    expect(await load(path, key)).toMatchObject({ written: 2, rejected: 0 });
    expect(await all(key)).toMatchObject([
      {
        external_id: "A-1",
        name: 'Smith, "Jo"',
        custom_object_fields: {
          note: "two\nlines",
          pieces: 7,
          weight: 2.5,
          sold: true,
          since: "2026-12-01T00:00:00+00:00",
          labels: ["cold", "heavy"],
        },
      },
      { external_id: "A-2", name: "Ünï", custom_object_fields: { note: null } },
    ]);
    const clearing = await file("clear.csv", "external_id,note,pieces\nA-1,,\n");
    await load(clearing, key);
    expect((await all(key))[0]).toMatchObject({ custom_object_fields: { note: "two\nlines", pieces: 7 } });
    await load(clearing, key, { emptyClears: true });
    expect((await all(key))[0]).toMatchObject({ custom_object_fields: { note: null, pieces: null } });
  });

  test("maps columns by other names, and takes only those", async () => {
    const key = await object();
    const path = await file("mapped.csv", "No,Company,Remark,note\n7,Acme,good,other\n");
    await load(path, key, { map: ["external_id=No", "name=Company", "note=Remark"] });
    expect(await all(key)).toMatchObject([{ external_id: "7", name: "Acme", custom_object_fields: { note: "good" } }]);
    await expect(load(path, key, { map: ["nope=No"] })).rejects.toMatchObject({ code: "import_mapping_invalid" });
    await expect(load(path, key, { map: ["nope"] })).rejects.toMatchObject({ code: "import_mapping_invalid" });
  });

  test("writes every row that can't be taken to a file, with its line and the reason, and takes the others", async () => {
    const key = await object();
    const path = await file(
      "bad.csv",
      "external_id,name,pieces\nB-1,One,1\nB-2,Two,x\n,Three,3\nB-4,Four\nB-5,Five,5\n",
    );
    expect(await load(path, key)).toMatchObject({ written: 2, rejected: 3 });
    const rejected = lines(await readFile(`${path}.rejected.ndjson`, "utf8")) as { line: number; reason: string }[];
    expect(rejected.toSorted((a, b) => a.line - b.line)).toMatchObject([
      {
        line: 3,
        reason: expect.stringContaining("Pieces: is invalid") as unknown,
        row: { external_id: "B-2", pieces: "x" },
      },
      { line: 4, reason: "has no external_id" },
      { line: 5, reason: "has 2 columns, the header has 3" },
    ]);
    expect(existsSync(`${path}.import.json`)).toBe(false);
  });
});

test("an import of NDJSON takes records as the API gives them and flat rows, and tells what is no JSON", async () => {
  const key = await object();
  const rows = [
    '{"external_id":"N-1","name":"One","id":"x","created_at":"y","custom_object_fields":{"labels":["cold"],"pieces":1}}',
    '{"external_id":2,"name":"Two","note":"flat"}',
    "",
    '{"external_id":"N-3","name":',
    "[1]",
    '{"external_id":"N-6","name":"Six"}',
  ];
  const path = await file("rows.ndjson", `\uFEFF${rows.join("\n")}`);
  expect(await load(path, key)).toMatchObject({ written: 3, rejected: 2 });
  expect(await all(key)).toMatchObject([
    { external_id: "N-1", custom_object_fields: { labels: ["cold"], pieces: 1 } },
    { external_id: "2", custom_object_fields: { note: "flat" } },
    { external_id: "N-6" },
  ]);
});

test("of rows with one key the last one has the last word, though jobs run side by side", async () => {
  const key = await object();
  const rows = Array.from({ length: 1500 }, (_, place) => `K-${place % 150},Name,${place}`);
  await load(await file("same.csv", `external_id,name,pieces\n${rows.join("\n")}\n`), key);
  const found = (await all(key)).map(({ custom_object_fields: { pieces } }) => pieces);
  expect(found.toSorted((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: 150 }, (_, place) => 1350 + place),
  );
});

describe.each(["csv", "ndjson"] as const)("an interrupted import of %s", (format) => {
  test("goes on where it stopped, and sends nothing again that was done before", async () => {
    const key = await object();
    const rows = Array.from({ length: 1000 }, (_, place) => ({ external_id: `ü-${place}`, name: `"${place}", é` }));
    const text =
      format === "ndjson"
        ? rows.map((row) => JSON.stringify(row)).join("\n")
        : `external_id,name\n${rows.map(({ external_id, name }) => `${external_id},"${name.replaceAll('"', '""')}"`).join("\n")}`;
    const path = await file(`long.${format}`, `\uFEFF${text}\n`);
    await expect(load(path, key, {}, onlyFirst(api, 5))).rejects.toMatchObject({ code: "transfer_refused" });
    const before = (await all(key)).length;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(1000);
    let jobs = 0;
    const counting = watched(api, () => (jobs += 1));
    const { written } = await load(path, key, { resume: true }, counting);
    expect(written).toBe(1000);
    expect(jobs).toBeLessThan(10);
    const found = await all(key);
    expect(new Set(found.map(({ external_id, name }) => `${external_id} ${name}`))).toEqual(
      new Set(rows.map(({ external_id, name }) => `${external_id} ${name}`)),
    );
    expect(existsSync(`${path}.import.json`)).toBe(false);
  });
});

test("an import goes on through answers that are of the moment", async () => {
  const key = await object();
  const path = await file("moment.csv", "external_id,name\nM-1,One\n");
  let failures = 2;
  const shaky: RecordsApi = {
    ...api,
    client: {
      ...api.client,
      ask: async (method, where, body, options) =>
        method === "POST" && (failures -= 1) >= 0
          ? { status: 429, retryAfterSeconds: 0.01, body: null, sent: true, request: { method, path: where, body } }
          : await api.client.ask(method, where, body, options),
    },
  };
  expect(await load(path, key, {}, shaky)).toMatchObject({ written: 1, rejected: 0 });
});

test.each(["csv", "ndjson"] as const)("what is exported as %s can be imported and is the same", async (format) => {
  const [from, to] = [await object(), await object()];
  const rows = Array.from({ length: 250 }, (_, place) => ({
    external_id: `E-${place}`,
    name: place === 7 ? 'quo"ted,\nname' : `Name ${place}`,
    pieces: place,
    weight: place / 4,
    sold: place % 2 === 0,
    since: "2026-01-31",
    labels: ["heavy"],
  }));
  await load(await file("rows.ndjson", rows.map((row) => JSON.stringify(row)).join("\n")), from);
  const path = join(dataDir, `round-trip.${format}`);
  const written = await exportRecords(api, { object: from, format, path, resume: false, onProgress() {} });
  expect(written).toBe(250);
  expect(await load(path, to)).toMatchObject({ written: 250, rejected: 0 });
  const content = (found: readonly CustomObjectRecord[]) =>
    new Map(found.map(({ external_id, name, custom_object_fields }) => [external_id, { name, custom_object_fields }]));
  expect(content(await all(to))).toEqual(content(await all(from)));
});

test("an interrupted export goes on behind the last whole page", async () => {
  const key = await object();
  const rows = Array.from({ length: 350 }, (_, place) => `X-${place},Name`);
  await load(await file("rows.csv", `external_id,name\n${rows.join("\n")}\n`), key);
  const path = join(dataDir, "interrupted.csv");
  const options = { object: key, format: "csv", path, onProgress() {} } as const;
  let pages = 0;
  const cut: RecordsApi = {
    ...api,
    async ask(method, where, body) {
      if (where.includes("page") && (pages += 1) > 2) throw new Error("the line is cut");
      return await api.ask(method, where, body);
    },
  };
  await expect(exportRecords(cut, { ...options, resume: false })).rejects.toThrow("cut");
  await writeFile(path, "half a line", { flag: "a" });
  expect(await exportRecords(api, { ...options, resume: true })).toBe(350);
  const exported = (await readFile(path, "utf8")).trimEnd().split("\r\n");
  expect(exported).toHaveLength(351);
  expect(new Set(exported).size).toBe(351);
});

/** Lets this many jobs through and refuses the credentials from then on. */
function onlyFirst(through: RecordsApi, jobs: number): RecordsApi {
  let left = jobs;
  const { client } = through;
  return {
    ...through,
    client: {
      ...client,
      ask: async (method, path, body, options) =>
        method === "POST" && (left -= 1) < 0
          ? { status: 401, body: null, sent: true, request: { method, path, body } }
          : await client.ask(method, path, body, options),
    },
  };
}

function watched(through: RecordsApi, onJob: () => void): RecordsApi {
  const { client } = through;
  return {
    ...through,
    client: {
      ...client,
      async ask(method, path, body, options) {
        if (method === "POST") onJob();
        return await client.ask(method, path, body, options);
      },
    },
  };
}

test("whoever waits is told what for, and how long", async () => {
  const answers = [503, 429];
  const told: string[] = [];
  const { url, close } = await listen(
    (request, response) => {
      // A connection that breaks, until it was told.
      if (told.length === 0) request.socket.destroy();
      else response.writeHead(answers.shift() ?? 200, { "retry-after": "0" }).end('{"custom_object_fields":[]}');
    },
    { role: "records", port: 0 },
  );
  onTestFinished(() => close(0));
  const through = openRecordsApi(url, TOKEN, (words) => told.push(words));
  onTestFinished(() => through.close());
  expect(await through.fieldsOf("customer")).toEqual(new Map());
  expect(told[0]).toMatch(/^\S+ .*; it is asked again in 0\.5 s, 9 times more at most\.$/);
  expect(told[0]).toContain(new URL(url).host);
  expect(told.slice(1)).toEqual([
    `${url} answered 503; it is asked again in 0 s, 8 times more at most.`,
    `${url} answered 429; it is asked again in 0 s, 7 times more at most.`,
  ]);
});
