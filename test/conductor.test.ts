import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { startRecords, type RunningRecords } from "@sluice/records";
import { createLog, openDatabase, systemClock, type Database } from "@sluice/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { layEmptyPostgres } from "./empty-postgres.ts";

const TOKEN = "conductor-token";
let dataDir: string;
let database: Database;
let records: RunningRecords;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "sluice-conductor-"));
  const log = createLog({ role: "records", level: "silent" });
  layEmptyPostgres(dataDir);
  database = await openDatabase({ dataDir, log });
  const tokens = [{ token: TOKEN, role: "admin" }] as const;
  records = await startRecords({ database, tokens, port: 0, clock: systemClock, log });
});
afterAll(async () => {
  await records.close();
  await database.close();
  await rm(dataDir, { recursive: true });
});

type Task = {
  readonly taskReferenceName: string;
  readonly type: string;
  readonly inputParameters: Readonly<Record<string, unknown>>;
};
type Workflow = { readonly tasks: readonly Task[]; readonly outputParameters: Readonly<Record<string, string>> };
type HttpRequest = {
  readonly uri: string;
  readonly method: string;
  readonly accept: string;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};

test("the workflow of docs/conductor.md upserts its record, and again without making a second one", async () => {
  const [workflow, input] = await readPage();
  const api = `${records.url}/api/v2`;
  await ask("POST", `${api}/custom_objects`, {
    custom_object: { key: input["object"], title: "Customer", title_pluralized: "Customers" },
  });
  await ask("POST", `${api}/custom_objects/${String(input["object"])}/fields`, {
    custom_object_field: { key: "tier", title: "Tier", type: "text" },
  });
  const started = { ...input, records_url: records.url, token: TOKEN };
  const first = await run(workflow, started);
  expect(first).toEqual({
    id: expect.stringMatching(/^[0-9A-Z]{26}$/) as unknown,
    updated_at: expect.any(String) as unknown,
  });
  const again = await run(workflow, { ...started, fields: { tier: "silver" } });
  expect(again["id"]).toBe(first["id"]);
  const { custom_object_records: found } = (await ask(
    "GET",
    `${api}/custom_objects/${String(input["object"])}/records`,
  )) as {
    custom_object_records: unknown[];
  };
  expect(found).toMatchObject([
    { external_id: input["external_id"], name: input["name"], custom_object_fields: { tier: "silver" } },
  ]);
});

test("the request of its HTTP task is one that /openapi.json describes", async () => {
  const [workflow] = await readPage();
  const task = workflow.tasks.find(({ type }) => type === "HTTP");
  const { uri, method } = (task?.inputParameters["http_request"] ?? {}) as HttpRequest;
  const document = (await ask("GET", `${records.url}/openapi.json`)) as {
    paths: Record<string, Record<string, { parameters: { name: string }[] }>>;
  };
  const [path = "", query = ""] = uri.replace("${workflow.input.records_url}", "").split("?");
  const described = document.paths[path.replace("${workflow.input.object}", "{object}")]?.[method.toLowerCase()];
  expect(described?.parameters.map(({ name }) => name)).toContain(query.split("=")[0]);
});

/** The two JSON blocks of the page: the workflow, and its input. */
async function readPage(): Promise<[Workflow, Readonly<Record<string, unknown>>]> {
  const page = await readFile(new URL("../docs/conductor.md", import.meta.url), "utf8");
  const [workflow = "", input = ""] = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
  return [JSON.parse(workflow) as Workflow, JSON.parse(input) as Readonly<Record<string, unknown>>];
}

/** The part of Conductor that the page uses: INLINE and HTTP tasks, one after the other, and `${…}`. */
async function run(workflow: Workflow, input: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const known: Record<string, unknown> = { workflow: { input } };
  for (const { taskReferenceName, type, inputParameters } of workflow.tasks) {
    const parameters = substituted(inputParameters, known) as Record<string, unknown>;
    expect(["INLINE", "HTTP"]).toContain(type);
    known[taskReferenceName] = {
      output:
        type === "INLINE"
          ? { result: runInNewContext(String(parameters["expression"]), { $: parameters }) as unknown }
          : { response: await send(parameters["http_request"] as HttpRequest) },
    };
  }
  return substituted(workflow.outputParameters, known) as Record<string, unknown>;
}

async function send({ uri, method, accept, contentType, headers, body }: HttpRequest): Promise<object> {
  const answer = await fetch(uri, {
    method,
    headers: { Accept: accept, "Content-Type": contentType, ...headers },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  return { statusCode: answer.status, body: await answer.json() };
}

/** A reference that is all of a text becomes the value itself, inside a text it becomes the value's text. */
function substituted(value: unknown, known: unknown): unknown {
  if (Array.isArray(value)) return value.map((member) => substituted(member, known));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, substituted(member, known)]));
  }
  if (typeof value !== "string") return value;
  const whole = /^\$\{([^}]+)\}$/.exec(value);
  if (whole !== null) return lookUp(whole[1] ?? "", known);
  return value.replaceAll(/\$\{([^}]+)\}/g, (_, path: string) => String(lookUp(path, known)));
}

function lookUp(path: string, known: unknown): unknown {
  return path.split(".").reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], known);
}

async function ask(method: string, url: string, body?: object): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(answer.ok).toBe(true);
  return answer.json();
}
