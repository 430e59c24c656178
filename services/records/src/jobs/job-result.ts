import { RULINGS, type JobAction, type JobResult, type Refusal } from "@sluice/zendesk";
import type { RecordRow } from "../records/record-row.ts";
import type { ItemOrder } from "./bulk-job.ts";

/** The result of an item that was carried out. */
export function resultOf(action: JobAction, index: number, { id, external_id }: RecordRow): JobResult {
  return {
    index,
    id,
    ...(external_id === null ? {} : { external_id }),
    status: RULINGS.jobResults[action].done,
  };
}

/** The result of an item that was refused. `order` is undefined where the item could not even be read. */
export function failureOf(
  action: JobAction,
  index: number,
  order: ItemOrder | undefined,
  { answer, complaints }: Refusal,
): JobResult {
  return {
    index,
    ...keyOf(order),
    status: RULINGS.jobItemFailed,
    errors: [errorOf(action, answer, complaints)],
  };
}

function errorOf(
  action: JobAction,
  { status, body }: Refusal["answer"],
  complaints: Refusal["complaints"],
): NonNullable<JobResult["errors"]>[number] {
  const code = RULINGS.jobResults[action].failed;
  // A 409 keeps its own code: it tells a writer that came too late from one that should try again.
  if (status === 409) {
    const newest = body[RULINGS.newestFence];
    const said = { code: String(body["error"]), title: String(body["description"]) };
    return typeof newest === "string" ? { ...said, [RULINGS.newestFence]: newest } : said;
  }
  if (status === 404) return { code, title: RULINGS.jobNotFoundTitle };
  return {
    code,
    title: RULINGS.jobInvalidTitle,
    detail: complaints.map(({ description }) => description).join("; "),
  };
}

function keyOf(order: ItemOrder | undefined): { id?: string; external_id?: string } {
  if (order === undefined || order.kind === "create") return {};
  const { by, value } = order.key;
  return by === "name" ? {} : { [by]: value };
}
