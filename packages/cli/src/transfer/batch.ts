import type { Json } from "@sluice/zendesk";
import { askForJob, createJob, readItemResults, type JobAnswer, type Reply } from "@sluice/destination/zendesk";
import { LIMITS } from "./limits.ts";
import { isOfTheMoment, pause, refused, type RecordsApi } from "./records-api.ts";
import type { ImportedRecord } from "./row-mapping.ts";

export type UpsertAction = "create_or_update_by_external_id" | "create_or_update_by_name";

/** The outcome of an item: written, or refused for good. */
export type ItemOutcome = { readonly written: true } | { readonly written: false; readonly reason: string };

/**
 * Upserts up to a hundred items with one bulk job, and again the items that failed through no fault of their own. A job that is
 * refused whole is halved until the culprit stands alone.
 * @throws SluiceError `transfer_refused` where the credentials or the object are at fault, not the items
 */
export async function sendBatch(
  api: RecordsApi,
  object: string,
  action: UpsertAction,
  items: readonly ImportedRecord[],
): Promise<readonly ItemOutcome[]> {
  const outcomes: (ItemOutcome | undefined)[] = Array.from({ length: items.length });
  let open = items.map((_, place) => place);
  for (let attempt = 1; open.length > 0; attempt += 1) {
    const sent = open;
    const answer = await runJob(api, object, action, sent.map((place) => items[place]) as readonly ImportedRecord[]);
    if (answer.kind === "refused") return await halved(api, object, action, items, answer.reply);
    open = [];
    for (const [index, result] of answer.results.entries()) {
      const place = sent[index] ?? 0;
      if (result?.kind === "done") outcomes[place] = { written: true };
      else if (result?.kind === "refused" && (!isOfTheMoment(result.status) || attempt >= LIMITS.attempts)) {
        outcomes[place] = { written: false, reason: result.text === "" ? result.code : result.text };
      } else if (attempt >= LIMITS.attempts) outcomes[place] = { written: false, reason: "the job says nothing of it" };
      else open.push(place);
    }
    if (open.length > 0) await pause(Math.min(LIMITS.firstWaitMs * 2 ** (attempt - 1), LIMITS.lastWaitMs));
  }
  return outcomes.map((outcome) => outcome ?? { written: false, reason: "was not sent" });
}

type Ran =
  | { readonly kind: "refused"; readonly reply: Reply }
  | { readonly kind: "ended"; readonly results: ReturnType<typeof readItemResults> };

/** Runs one job to its end. A request that may not have arrived is repeated: upserts by key may be. */
async function runJob(
  api: RecordsApi,
  object: string,
  action: UpsertAction,
  items: readonly ImportedRecord[],
): Promise<Ran> {
  const job = { object, action, items: items as unknown as readonly Json[] };
  let answer: JobAnswer | undefined;
  await api.patiently(async () => {
    answer = await createJob(api.client, job);
    return answer.reply;
  });
  for (;;) {
    if (answer === undefined || answer.kind === "lost") return { kind: "ended", results: items.map(() => undefined) };
    if (answer.kind === "refused") return { kind: "refused", reply: answer.reply };
    if (answer.kind === "ended") return { kind: "ended", results: readItemResults(answer.job, job.items) };
    await pause(LIMITS.jobLookAgainMs);
    const { place }: { place: Parameters<typeof askForJob>[1] } = answer;
    await api.patiently(async () => {
      answer = await askForJob(api.client, place);
      return answer.reply;
    });
  }
}

async function halved(
  api: RecordsApi,
  object: string,
  action: UpsertAction,
  items: readonly ImportedRecord[],
  reply: Reply,
): Promise<readonly ItemOutcome[]> {
  if (![400, 413, 422].includes(reply.status)) throw refused(reply);
  if (items.length === 1)
    return [{ written: false, reason: reply.errorText ?? reply.errorCode ?? `answered ${reply.status}` }];
  const middle = Math.ceil(items.length / 2);
  return [
    ...(await sendBatch(api, object, action, items.slice(0, middle))),
    ...(await sendBatch(api, object, action, items.slice(middle))),
  ];
}
