import { COMPLAINTS, isObject, RULINGS, Refusal, jobAsSent, ANSWERS, type JobAction } from "@sluice/zendesk";
import { emptyListAsObject } from "../empty-list.ts";
import { readDefinition } from "../objects/defining.ts";
import { readFences } from "../records/fence.ts";
import type { RecordBody } from "../records/record-change.ts";
import type { Guard } from "../records/record-write.ts";
import { readStamps } from "../records/stamps.ts";
import { refuseUnstorable } from "../storable.ts";

/** A job as it is carried out. */
export type BulkJob = {
  readonly action: JobAction;
  readonly items: readonly unknown[];
  /** For each item, the marks by which a late writer is known. */
  readonly guards: readonly Guard[];
  /** How long the whole body was on the wire; no item is longer. */
  readonly bytes: number;
  readonly unknownFields: RecordBody["unknownFields"];
};

/** The work that one item of a job asks for. */
export type ItemOrder =
  | { readonly kind: "create"; readonly body: RecordBody }
  | { readonly kind: "update"; readonly key: Key<"id">; readonly body: RecordBody }
  | { readonly kind: "upsert"; readonly key: Key<"external_id" | "name">; readonly body: RecordBody }
  | { readonly kind: "delete"; readonly key: Key<"id" | "external_id"> };

type Key<By extends string> = { readonly by: By; readonly value: string };

/** Which actions address records by a key that can have a fence. */
const FENCED: ReadonlySet<JobAction> = new Set([
  "delete_by_external_id",
  "create_or_update_by_external_id",
  "create_or_update_by_name",
]);

/** The two headers, as they came. */
export type GuardHeaders = { readonly fences: string | undefined; readonly stamps: string | undefined };

/** @throws Refusal 422 unknown action, no items or more than a hundred; 400 fences or stamps that don't go with them */
export function readJob({ content, bytes, unknownFields }: RecordBody, headers: GuardHeaders): BulkJob {
  const { action, items } = readDefinition(jobAsSent, content);
  const fences = fencesOf(headers.fences, action, items.length);
  const stamps = headers.stamps === undefined ? null : readStamps(headers.stamps, items.length);
  const guards = fences.map((fence, at) => ({ fence, stamps: stamps?.[at] ?? null }));
  return { action, items, bytes, unknownFields, guards };
}

function fencesOf(header: string | undefined, action: JobAction, count: number): (string | null)[] {
  if (header === undefined) return Array.from({ length: count }, () => null);
  if (!FENCED.has(action))
    throw new Refusal(ANSWERS.invalidParameter(`${RULINGS.jobFencesHeader} does not go with ${action}`));
  return readFences(header, count);
}

/**
 * Reads an item of a job. A fault of its content is found later, when the item is carried out.
 * @throws Refusal 422
 */
export function readItem(job: Omit<BulkJob, "items" | "guards">, item: unknown): ItemOrder {
  refuseUnstorable(item);
  const { action } = job;
  switch (action) {
    case "create":
      return { kind: "create", body: bodyOf(item, job) };
    case "update": {
      const body = bodyOf(item, job);
      return { kind: "update", key: { by: "id", value: textOf(body.content["id"]) }, body };
    }
    case "delete":
      return { kind: "delete", key: { by: "id", value: textOf(item) } };
    case "delete_by_external_id":
      return { kind: "delete", key: { by: "external_id", value: textOf(item) } };
    case "create_or_update_by_external_id": {
      const body = bodyOf(item, job);
      return { kind: "upsert", key: { by: "external_id", value: textOf(body.content["external_id"]) }, body };
    }
    case "create_or_update_by_name": {
      const body = bodyOf(item, job);
      return { kind: "upsert", key: { by: "name", value: textOf(body.content["name"]) }, body };
    }
    default:
      return action satisfies never;
  }
}

function bodyOf(sent: unknown, { bytes, unknownFields }: Pick<BulkJob, "bytes" | "unknownFields">): RecordBody {
  const item = emptyListAsObject(sent);
  if (!isObject(item)) throw invalidItem();
  return { content: item, bytes, unknownFields };
}

/** Row 25: a number is taken as its text. */
function textOf(key: unknown): string {
  const text = typeof key === "number" ? String(key) : key;
  if (typeof text !== "string" || text === "") throw invalidItem();
  return text;
}

function invalidItem(): Refusal {
  return Refusal.invalid([COMPLAINTS.itemInvalid()]);
}
