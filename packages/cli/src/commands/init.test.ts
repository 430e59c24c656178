import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRecords } from "@sluice/records";
import { createLog, describeError, openDatabase, systemClock } from "@sluice/runtime";
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from "vitest";
import { readSettings } from "../environment.ts";
import type { Shell } from "../command.ts";
import { createProgram } from "../program.ts";

/** Runs `sluice init` as a person does, against a real store that listens. */
const folder = mkdtempSync(join(tmpdir(), "sluice-init-"));
const tokens = [
  { token: "admin-token", role: "admin" },
  { token: "agent-token", role: "agent" },
] as const;
let url: string;
let stop: () => Promise<void>;
beforeAll(async () => {
  const log = createLog({ role: "records", level: "silent" });
  cpSync(inject("emptyPostgres"), join(folder, "postgres"), { recursive: true });
  const database = await openDatabase({ dataDir: folder, log });
  const records = await startRecords({ database, tokens, port: 0, clock: systemClock, log });
  ({ url } = records);
  stop = async () => {
    await records.close();
    await database.close();
  };
});
afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

let files = 0;

/** A sluice.yaml for one test; `rest` goes below the destination. */
function file({ token = "admin-token", at = url, rest = "" } = {}): string {
  const path = join(folder, `${(files += 1)}.yaml`);
  writeFileSync(
    path,
    `destinations:\n  crm: { kind: zendesk, url: "${at}", auth: { bearer: ${token} } } # ours\n${rest}`,
  );
  return path;
}

/** The command's output; or its error, as a person sees it. */
async function init(...args: string[]): Promise<string> {
  return await run(["init", ...args], () => {
    throw new Error("init does not exit by itself");
  });
}

async function run(args: readonly string[], exit: (code: number) => void): Promise<string> {
  const lines: string[] = [];
  const print = vi.spyOn(console, "log").mockImplementation((line = "") => void lines.push(String(line)));
  onTestFinished(() => print.mockRestore());
  const stopOnSignal = (): never => {
    throw new Error("it does not stop by itself");
  };
  const shell: Shell = {
    settings: (config) => readSettings({ SLUICE_CONFIG: config, SLUICE_DATA_DIR: folder }),
    onSignal: stopOnSignal,
    stopOnSignal,
    exit: exit as (code: number) => never,
  };
  const program = await createProgram(async () => shell, args);
  try {
    await program.parseAsync(["node", "sluice", ...args]);
  } catch (error) {
    lines.push(describeError(error));
  } finally {
    print.mockRestore();
  }
  return lines.join("\n");
}

async function ask(method: string, path: string, body?: object): Promise<Record<string, never>> {
  const answer = await fetch(`${url}/api/v2/custom_objects${path}`, {
    method,
    headers: { authorization: "Bearer admin-token", "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Record<string, never>;
}

/** The fields of an object at the store, with their types, without the standard ones. */
async function fieldsOf(object: string): Promise<Record<string, string>> {
  const { custom_object_fields: fields = [] } = (await ask("GET", `/${object}/fields`)) as {
    custom_object_fields?: { key: string; type: string }[];
  };
  return Object.fromEntries(
    fields.filter(({ key }) => !key.startsWith("standard::")).map(({ key, type }) => [key, type]),
  );
}

test("--create makes the objects and fields of the rows; a second run leaves the file and all that is there, and says so", async () => {
  const path = file();
  const first = await init("shopify", "--config", path, "--create");
  expect(first).toContain("has the source shopify (Shopify) now");
  expect(first).toContain("crm/contact: made contact, contact.email, contact.phone, contact.city, contact.country");
  expect(await fieldsOf("order")).toEqual({ status: "text", total: "decimal", currency: "text", contact: "text" });
  const text = readFileSync(path, "utf8");
  expect(text).toContain("# ours");

  // The source's secret is still unset: nothing that has to be made depends on it.
  const second = await init("shopify", "--config", path, "--create");
  expect(second).toContain("has the source shopify (Shopify) already: it is left as it is");
  expect(second).toContain("crm/product: left as it is: product, product.status");
  expect(second).not.toContain("made");
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("a source whose name begins with a digit has variables that a shell takes, and all of them are told", async () => {
  const output = await init("xero", "--config", file(), "--source", "3pl-2");
  for (const what of ["SECRET", "CLIENT_ID", "CLIENT_SECRET"]) expect(output).toContain(`export _3PL_2_${what}=`);
});

test("what was made half is completed: an object without fields, and one with some of them", async () => {
  await ask("POST", "", { custom_object: { key: "company", title: "Ours", title_pluralized: "Ours" } });
  await ask("POST", "/company/fields", { custom_object_field: { key: "domain", type: "text", title: "Our domain" } });
  const output = await init("hubspot-v3", "--config", file(), "--create");
  expect(output).toContain(
    "crm/company: made company.legal_name, company.industry, company.city; left as it is: company, company.domain",
  );
  expect(await ask("GET", "/company/fields/domain")).toMatchObject({ custom_object_field: { title: "Our domain" } });
});

test("a source with rows of its own has those objects made that it writes and the file defines, with the file's own fields", async () => {
  const rest = `sources:
  stripe:
    scheme: stripe
    secrets: ["\${UNSET}"]
    records:
      - { destination: crm, object: subscriber, external_id: data.id, fields: { plan: data.plan } }
      - { destination: crm, object: unheard_of, external_id: data.id, fields: { plan: data.plan } }
objects:
  subscriber:
    title: Subscriber
    title_pluralized: Subscribers
    fields: { plan: { title: Plan, type: dropdown, options: { free: Free, paid: Paid } } }
  idle: { title: Idle, title_pluralized: Idle }
`;
  const output = await init("stripe", "--config", file({ rest }), "--create");
  expect(output).toContain("crm/subscriber: made subscriber, subscriber.plan");
  expect(output).toContain("crm/unheard_of: not made, since sluice.yaml does not define it under `objects`");
  expect(output).not.toContain("idle");
  expect(await ask("GET", "/subscriber/fields/plan")).toMatchObject({
    custom_object_field: { type: "dropdown", custom_field_options: [{ value: "free" }, { value: "paid" }] },
  });
});

test("`records: preset` implies its objects: they are made although the file does not define them", async () => {
  const rest = "sources:\n  stripe: { scheme: stripe, secrets: [hush], records: preset }\n";
  const output = await init("stripe", "--config", file({ rest }), "--create");
  expect(output).toContain(
    "crm/invoice: made invoice, invoice.status, invoice.total, invoice.currency, invoice.contact",
  );
});

test("a field that is there with another type is an error with the next step, after all else was made", async () => {
  await ask("POST", "", { custom_object: { key: "clash", title: "Clash", title_pluralized: "Clashes" } });
  await ask("POST", "/clash/fields", { custom_object_field: { key: "total", type: "text", title: "Total" } });
  const rest = `sources:
  erp:
    scheme: netsuite
    secrets: [hush]
    records: [{ destination: crm, object: clash, external_id: data.id, fields: { total: data.total, note: data.note } }]
objects:
  clash:
    { title: Clash, title_pluralized: Clashes, fields: { total: { title: Total, type: decimal }, note: { title: Note } } }
`;
  const output = await init("netsuite", "--source", "erp", "--config", file({ rest }), "--create");
  expect(output).toContain("crm/clash.total is a text, not a decimal");
  expect(output).toMatch(/next: no field's type can be changed: give the field another key/);
  expect(await fieldsOf("clash")).toEqual({ total: "text", note: "text" });
});

test.each([
  ["hubspt", "did you mean hubspot?"],
  ["salesforce", "did you mean salesforce-outbound-message, salesforce-cdc?"],
  ["nothing-alike", "`sluice schemes` lists them"],
])("a sender that is called %s is told with its next step", async (name, hint) => {
  expect(await init(name, "--config", file({}))).toContain(hint);
});

test("a wrong token is told with the next step, and the source stays written", async () => {
  const path = file({ token: "wrong" });
  const output = await init("stripe", "--config", path, "--create");
  expect(output).toContain("the destination refused to look at the object contact: 401");
  expect(output).toContain("next: objects and fields are made with an admin's credentials");
  expect(readFileSync(path, "utf8")).toContain("scheme: stripe");
});

test("a token that may read and not define is told the same", async () => {
  const rest = `sources:
  erp:
    scheme: netsuite
    secrets: [hush]
    records: [{ destination: crm, object: quote, external_id: data.id, fields: { a: data.a } }]
objects: { quote: { title: Quote, title_pluralized: Quotes, fields: { a: { title: A } } } }
`;
  const output = await init(
    "netsuite",
    "--source",
    "erp",
    "--config",
    file({ token: "agent-token", rest }),
    "--create",
  );
  expect(output).toContain("the destination refused to make the object quote: 403");
  expect(output).toContain("next: objects and fields are made with an admin's credentials");
});

test("a destination that is down is told; the second run, once it is up, makes what is missing", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  await new Promise((resolve) => taken.close(resolve));
  const path = file({ at: `http://127.0.0.1:${port}` });
  const down = await init("pipedrive", "--config", path, "--create");
  expect(down).toContain(`http://127.0.0.1:${port} can't be reached`);
  expect(down).toContain("next: check that the destination's url is right");
  writeFileSync(path, readFileSync(path, "utf8").replace(`http://127.0.0.1:${port}`, url));
  const up = await init("pipedrive", "--config", path, "--create");
  expect(up).toContain("already: it is left as it is");
  expect(up).toContain("made company.website");
});

test("a fault in the rest of the file is told by its line there", async () => {
  const path = file({
    rest: "sources:\n  stripe:\n    scheme: stripe\n    records: preset\nobjects:\n  Bad Key: {}\n",
  });
  expect(await init("stripe", "--config", path, "--create")).toMatch(/\.yaml:8:3 +objects/);
});

test("without a file init writes one, whose records go to Sluice's own store", async () => {
  const path = join(folder, "none.yaml");
  await init("shopify", "--config", path);
  expect(readFileSync(path, "utf8")).toMatch(/destinations:\n {2}crm:[\s\S]*SLUICE_RECORDS_URL[\s\S]*scheme: shopify/);
});

test("config check asks the destination what it lacks, and makes what the file defines", async () => {
  const rest = `sources:
  it:
    scheme: stripe
    secrets: [hush]
    records: [{ destination: crm, object: parcel, external_id: data.id, fields: { note: data.note, odd: data.odd } }]
objects: { parcel: { title: Parcel, title_pluralized: Parcels, fields: { note: { type: text, title: Note } } } }
`;
  const path = file({ rest });
  const exits: number[] = [];
  const check = async (...args: string[]) =>
    await run(["config", "check", "--online", ...args], (code) => exits.push(code));
  expect(await check("--config", path)).toContain('missing: crm has no object "parcel"');
  const made = await check("--create", "--config", path);
  expect(made).toContain("crm/parcel: made parcel, parcel.note");
  expect(made).toContain('missing: crm/parcel has no field "odd"');
  expect(exits).toEqual([1, 1]);
});
