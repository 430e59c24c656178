import type { CustomObjectRecord } from "@sluice/zendesk";
import { Broken, expectStatus, jobOf, recordOf, type JobStatus } from "./expectation.ts";
import { target, type Answer, type Api, type Target, type TargetOptions } from "./target.ts";

/** The place where checks work: the API, and objects of their own that are made when first asked for and gone at the end. */
export type Bench = Target & {
  /** The key of an object of this kind. */
  object(kind: ObjectKind): Promise<string>;
  /** A text that no other check uses. */
  fresh(word?: string): string;
  upsert(object: string, externalId: string, record: object): Promise<Answer>;
  /** Creates a record and answers it. */
  put(object: string, externalId: string, record?: object): Promise<CustomObjectRecord>;
  /** Runs a bulk job to its end. */
  job(object: string, action: string, items: readonly unknown[]): Promise<JobStatus>;
  /** Tries until the check holds: an index's answers may lag behind (§8.6). */
  eventually(check: () => Promise<void>): Promise<void>;
  /** Removes everything that was made. */
  clear(): Promise<string[]>;
};

export type ObjectKind = keyof typeof KINDS;

type Field = Readonly<Record<string, unknown>> & { readonly key: string; readonly type: string };

const option = (value: string) => ({ name: value.toUpperCase(), value });
const VALUES: readonly Field[] = [
  { key: "note", type: "text" },
  { key: "memo", type: "textarea" },
  { key: "fragile", type: "checkbox" },
  { key: "eta", type: "date" },
  { key: "pieces", type: "integer" },
  { key: "weight", type: "decimal" },
  { key: "code", type: "regexp", regexp_for_validation: "\\A[A-Z]{2}\\d+\\z" },
  { key: "carrier", type: "dropdown", custom_field_options: [option("dhl"), option("ups")] },
  { key: "labels", type: "multiselect", custom_field_options: [option("cold"), option("heavy"), option("late")] },
];
const NOTE: readonly Field[] = [{ key: "note", type: "text" }];

/** The objects that checks share: each check brings keys of its own. */
const KINDS = {
  plain: { fields: VALUES, name: {} },
  unique: { fields: NOTE, name: { is_unique: true } },
  numbered: {
    fields: NOTE,
    name: {
      autoincrement_enabled: true,
      autoincrement_prefix: "PFX",
      autoincrement_padding: 4,
      autoincrement_next_sequence: 7,
    },
  },
  strict: { fields: [{ key: "must", type: "text", required: true }, ...NOTE], name: {} },
  /** The records of this object are counted: only the checks of lists write here. */
  listed: { fields: NOTE, name: {} },
  searched: { fields: VALUES, name: {} },
  exported: { fields: NOTE, name: {} },
} as const satisfies Record<string, { fields: readonly Field[]; name: object }>;

const PATIENCE = { jobMs: 120_000, indexMs: 30_000, lookAgainMs: 200 };

/** @param prefix the beginning of every key that is made */
export function bench(options: TargetOptions, prefix: string): Bench {
  const at = target(options);
  const made = new Map<ObjectKind, Promise<string>>();
  let counted = 0;
  const fresh = (word = "e") => `${prefix}-${word}-${(counted += 1)}`;
  const upsert: Bench["upsert"] = (object, externalId, record) =>
    at.api.patch(`custom_objects/${object}/records?external_id=${encodeURIComponent(externalId)}`, {
      custom_object_record: record,
    });
  const object: Bench["object"] = (kind) => {
    const key = made.get(kind) ?? make(at.api, `${prefix}_${kind}`, kind, object);
    made.set(kind, key);
    return key;
  };
  return {
    ...at,
    fresh,
    object,
    upsert,
    async put(key, externalId, record = {}) {
      return recordOf(await upsert(key, externalId, { name: externalId, ...record }));
    },
    async job(key, action, items) {
      const { id } = jobOf(await at.api.post(`custom_objects/${key}/jobs`, { job: { action, items } }), 201);
      const deadline = Date.now() + PATIENCE.jobMs;
      for (;;) {
        const job = jobOf(await at.api.get(`job_statuses/${id}`));
        if (job.status !== "queued" && job.status !== "working") return job;
        if (Date.now() > deadline) throw new Broken(`job ${id} is still ${job.status} after ${PATIENCE.jobMs} ms`);
        await pause(PATIENCE.lookAgainMs);
      }
    },
    async eventually(check) {
      const deadline = Date.now() + PATIENCE.indexMs;
      for (;;) {
        try {
          await check();
          return;
        } catch (error) {
          if (Date.now() > deadline || isLocal(options.url)) throw error;
          await pause(PATIENCE.lookAgainMs * 5);
        }
      }
    },
    async clear() {
      const left: string[] = [];
      for (const kind of [...made.keys()].toReversed()) {
        const key = `${prefix}_${kind}`;
        const { status } = await at.api.delete(`custom_objects/${key}`);
        if (status !== 204 && status !== 404) left.push(key);
      }
      return left;
    },
  };
}

async function make(api: Api, key: string, kind: ObjectKind, other: Bench["object"]): Promise<string> {
  const { fields, name } = KINDS[kind];
  const custom_object = { key, title: `Conformance ${kind}`, title_pluralized: `Conformance ${kind}` };
  expectStatus(await api.post("custom_objects", { custom_object }), 201);
  const lookup = { key: "parent", type: "lookup", relationship_target_type: `zen:custom_object:${key}` };
  if (kind === "plain") lookup.relationship_target_type = `zen:custom_object:${await other("unique")}`;
  for (const field of kind === "plain" || kind === "searched" ? [...fields, lookup] : fields) {
    const custom_object_field = { title: titleOf(field.key), ...field };
    expectStatus(await api.post(`custom_objects/${key}/fields`, { custom_object_field }), 201);
  }
  if (Object.keys(name).length > 0) {
    const custom_object_field = { properties: name };
    expectStatus(await api.patch(`custom_objects/${key}/fields/standard::name`, { custom_object_field }), 200);
  }
  return key;
}

/** A field's title, which refusals begin with. */
export function titleOf(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1);
}

function isLocal(url: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);
}

function pause(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms));
}
