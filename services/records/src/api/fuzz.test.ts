import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc, { type Arbitrary } from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Pool } from "undici";
import type { Database } from "@sluice/runtime";
import { FIELD_TYPES, compileFieldChecks, type FieldDefinition, type FieldType } from "@sluice/zendesk";
import {
  ADMIN,
  AGENT,
  READER,
  client,
  objectWith,
  storeUnderTest,
  type Field,
  type StoreUnderTest,
} from "../under-test.ts";
import { documentedAnswers } from "./documented.fixture.ts";
import { fuzzRequests, type Document, type FuzzRequest } from "./fuzz-request.fixture.ts";
import { MARK, junk, markedText } from "./schema-arbitrary.fixture.ts";
import { OPERATORS } from "../search/filter.ts";

/** `pnpm test:long` asks for more, from seeds that it makes up. */
const REQUESTS = Number(process.env["SLUICE_TEST_FUZZ_REQUESTS"] ?? 8_000);
const AT_ONCE = 32;
const PATIENCE_MS = 120_000;

const OPTIONS = ["red", "blue"].map((value) => ({ name: value, value }));
const FIELDS: readonly Field[] = FIELD_TYPES.filter((type) => type !== "lookup").map((type) => ({
  key: `a_${type}`,
  type,
  ...(type === "regexp" ? { regexp_for_validation: "^[a-z]+$" } : {}),
  ...(type === "dropdown" || type === "multiselect" ? { custom_field_options: OPTIONS } : {}),
}));
const lookupTo = (object: string): Field => ({
  key: "a_lookup",
  type: "lookup",
  relationship_target_type: `zen:custom_object:${object}`,
});

/** A value of each type that fits, or nearly. */
const VALUES: Readonly<Record<FieldType, Arbitrary<unknown>>> = {
  text: markedText,
  textarea: markedText,
  regexp: fc.constantFrom("abc", "abc", "abc", "ABC", "abc\n"),
  integer: fc.oneof(fc.integer(), fc.constantFrom("7", "-0", "1e3", 2 ** 53)),
  decimal: fc.oneof(fc.double(), fc.constantFrom("12.5", ".5", "1e400")),
  checkbox: fc.constantFrom<unknown>(true, false, "false", "yes"),
  date: fc.constantFrom("2026-02-28", "2026-03-01", "2026-02-30", "0000-01-01", "9999-12-31T23:59:59Z"),
  dropdown: fc.constantFrom("red", "red", "blue", "nope"),
  multiselect: fc.constantFrom<unknown>(["red", "blue"], ["blue"], [], ["nope"], "red"),
  lookup: fc.nat(60).map((number) => `external_id:${MARK}-${number}`),
};
/** One field or two: with more, some value would spoil nearly every record. */
const field = fc.oneof(
  ...FIELD_TYPES.map((type) =>
    fc
      .oneof(
        { weight: 8, arbitrary: VALUES[type] },
        { weight: 1, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: junk },
      )
      .map((value) => [`a_${type}`, value] as const),
  ),
);
const fields = fc.tuple(fc.array(field, { maxLength: 2 }), fc.nat(19), markedText).map(([values, luck, key]) => ({
  ...Object.fromEntries(values),
  ...(luck === 0 ? { [key]: key } : {}),
}));

const operators = [...OPERATORS, "$nope"];
const targets = [
  ...FIELD_TYPES.map((type) => `custom_object_fields.a_${type}`),
  "name",
  "external_id",
  "created_at",
  "updated_at",
  "created_by_user",
  `custom_object_fields.${MARK}' or true--`,
];
const comparison = fc
  .tuple(
    fc.constantFrom(...targets),
    fc.constantFrom(...operators),
    fc.oneof(...Object.values(VALUES), junk, fc.boolean(), fc.array(markedText, { maxLength: 2 })),
  )
  .map(([target, operator, value]) => ({ [target]: { [operator]: value } }));
const filter = fc.oneof(
  { weight: 3, arbitrary: comparison },
  { weight: 1, arbitrary: fc.array(comparison, { maxLength: 3 }).map((of) => ({ $and: of })) },
  { weight: 1, arbitrary: fc.tuple(comparison, comparison).map(([a, b]) => ({ $or: [a, { $and: [b] }] })) },
  { weight: 1, arbitrary: junk },
);

let store: StoreUnderTest;
let server: Server;
let pool: Pool;
const statements = new Set<string>();
beforeAll(async () => {
  store = await storeUnderTest();
  const app = await store.another({ database: watched(store.database) });
  server = createServer(app);
  // On a busy machine a connection that was idle for seconds would be closed under a request that is on its way.
  server.keepAliveTimeout = 0;
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { connections: AT_ONCE });
});
afterAll(async () => {
  await pool.close();
  await new Promise((done) => server.close(done));
  await store.close();
});

test(`${REQUESTS} requests made from the document are answered as it says, and none breaks a rule of the store`, async () => {
  const seed = Number(process.env["SLUICE_TEST_SEED"]);
  const unique = await objectWith(store.app, { name: { is_unique: true }, fields: FIELDS });
  const plain = await objectWith(store.app, { fields: [...FIELDS, lookupTo(unique)] });
  const numbered = await objectWith(store.app, {
    name: { autoincrement_enabled: true },
    fields: [{ key: "a_text" }],
  });
  const spare = await objectWith(store.app, { fields: FIELDS });
  const { body } = await ask({ operation: "document", method: "GET", path: "/openapi.json", headers: {} });
  const document = JSON.parse(body) as Document;
  const check = documentedAnswers(document);

  const seen: string[] = ["01ARZ3NDEKTSV4RRFFQ69G5FAV"];
  let turn = 0;
  const ids = () => ((turn += 1) % 3 === 0 ? `${MARK}-${turn % 61}` : (seen[turn % seen.length] ?? ""));
  const world = {
    document,
    objects: [plain, plain, unique, numbered],
    spare,
    ids,
    fields,
    filter,
    tokens: [ADMIN, ADMIN, ADMIN, AGENT, AGENT, READER, "nobody"],
  };
  const requests = fc.sample(fuzzRequests(world), { seed, numRuns: REQUESTS });

  const statuses = new Map<string, number>();
  const faults: string[] = [];
  let next = 0;
  const worker = async () => {
    for (let request = requests[next]; request !== undefined && faults.length < 5; request = requests[next]) {
      next += 1;
      try {
        const answer = await ask(request);
        const key = `${request.operation} ${answer.status}`;
        statuses.set(key, (statuses.get(key) ?? 0) + 1);
        if (answer.status >= 500) throw new Error(`answered ${answer.status}: ${answer.body}`);
        check(request.method.toLowerCase(), request.path, {
          status: answer.status,
          body: answer.body === "" ? {} : JSON.parse(answer.body),
          text: answer.body,
          headers: answer.headers,
        });
        const id = /"id":"([^"]{26,40})"/.exec(answer.body)?.[1];
        if (id !== undefined) seen[next % 200] = id;
      } catch (error) {
        faults.push(
          `${error instanceof Error ? error.message : String(error)}\n${JSON.stringify(request).slice(0, 1500)}`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  expect(faults, `SLUICE_TEST_SEED=${seed}`).toEqual([]);

  // The fuzzing must have reached its subject: every operation, and every way that an upsert ends.
  const operations = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  const reached = [...statuses.keys()];
  for (const id of operations)
    expect(
      reached.filter((key) => key.startsWith(`${id} `)),
      id,
    ).not.toEqual([]);
  for (const status of [200, 400, 401, 403, 404, 422]) expect(reached).toContain(`upsertRecord ${status}`);
  expect(statuses.get("upsertRecord 200") ?? 0).toBeGreaterThan(REQUESTS / 400);

  expect([...statements].filter((sql) => sql.includes(MARK))).toEqual([]);
  expect(statements.size).toBeLessThan(2_000);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  await expectRulesKept();
  for (const object of [plain, unique, numbered])
    await client(store.app).get(`custom_objects/${object}/records`).expect(200);
});

/** The rules that no request may break, asked of the database itself. */
async function expectRulesKept(): Promise<void> {
  const none = async (sql: string) => expect(await store.database.query(sql), sql).toEqual([]);
  await none(
    "select external_id from records.record where deleted_at is null and external_id is not null group by object_id, external_id having count(*) > 1",
  );
  await none(`select record.name from records.record join records.object on object.id = record.object_id
    where object.name_is_unique and record.deleted_at is null group by object.id, record.name having count(*) > 1`);
  await none(
    "select id from records.record where trim(name) = '' or length(name) > 255 or length(external_id) > 255 or external_id = ''",
  );
  await none("select id from records.record where length(fields::text) > 40000");
  await none(
    "select id from records.record where not exists (select 1 from records.object where object.id = record.object_id)",
  );

  type Row = {
    object_id: number;
    key: string;
    type: FieldType;
    title: string;
    pattern: string | null;
    options: { value: string }[];
  };
  const defined = Map.groupBy(
    await store.database.query<Row>(
      "select object_id, key, type, title, regexp_for_validation as pattern, options from records.field where not system",
    ),
    ({ object_id }) => object_id,
  );
  const checks = new Map([...defined].map(([id, rows]) => [id, compileFieldChecks(rows.map(definitionOf))]));
  const kept = await store.database.query<{ object_id: number; fields: Record<string, unknown> }>(
    "select object_id, fields from records.record where deleted_at is null",
  );
  expect(kept.length).toBeGreaterThan(50);
  for (const { object_id, fields: values } of kept) {
    expect(checks.get(object_id)?.(values).complaints ?? [], JSON.stringify(values)).toEqual([]);
  }
}

function definitionOf({
  key,
  type,
  title,
  pattern,
  options,
}: {
  key: string;
  type: FieldType;
  title: string;
  pattern: string | null;
  options: { value: string }[];
}): FieldDefinition {
  return {
    key,
    type,
    title,
    required: false,
    pattern,
    optionValues: options.map(({ value }) => value),
  };
}

async function ask({
  method,
  path,
  headers,
  body,
}: FuzzRequest): Promise<{ status: number; body: string; headers: Record<string, string> }> {
  const answer = await pool.request({
    method,
    path,
    headers: { "content-type": "application/json", ...headers },
    body: body ?? null,
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return {
    status: answer.statusCode,
    body: await answer.body.text(),
    headers: answer.headers as Record<string, string>,
  };
}

/** Remembers the text of every statement. */
function watched(database: Database): Database {
  return {
    ...database,
    async query(sql, parameters) {
      statements.add(sql);
      return await database.query(sql, parameters);
    },
    transaction: async (work) => await database.transaction(async (tx) => await work(watched(tx))),
  };
}
