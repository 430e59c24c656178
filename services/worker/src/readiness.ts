import { describeUnseen, type Queue } from "@sluice/queue";
import { describeUnserved, type UnservedWatch } from "./unserved.ts";

export function awaits(source: string): string {
  return `webhooks of "${source}" wait for a worker whose file has that source as their door's has`;
}

/**
 * A destination that is held does not make a worker unready: there is nothing that another one could do better. Nor do records of a
 * name that is in nobody's file: the records of other destinations flow.
 */
export async function readiness(
  queue: Queue,
  destinations: readonly string[],
  awaited: ReadonlyMap<string, number>,
  unserved: UnservedWatch,
): Promise<Record<string, { ok: boolean; detail: string }>> {
  try {
    const redis = { ok: true, detail: `${(await queue.ping()).toFixed(1)} ms` };
    const { waitingWebhooks, jobs } = await queue.intake.numbers();
    const failed = jobs.failed === 0 ? "" : `, ${jobs.failed} jobs failed: they wait for an operator`;
    const state = {
      ok: true,
      detail: describeUnseen(await queue.state.regresses()) ?? "no older than what was known of it",
    };
    const left = [...awaited.keys()].map((source) => `, ${awaits(source)}`).join("");
    const intake = { ok: true, detail: `${waitingWebhooks} webhooks wait to be understood${failed}${left}` };
    const remains = describeUnserved(unserved.remains());
    const leftBehind = remains === "" ? {} : { unserved: { ok: true, detail: `NO living worker serves ${remains}` } };
    const states = await Promise.all(
      destinations.map(async (name) => {
        const { pendingRecords, gate } = await queue.lane(name).numbers();
        const { hold } = gate;
        const held =
          hold === null
            ? ""
            : `, held: ${[hold.reason, hold.reason === "operator" ? hold.note : "", nextTry(hold.forMs)].filter(Boolean).join(", ")}`;
        return [`destination ${name}`, { ok: true, detail: `${pendingRecords} records pending${held}` }] as const;
      }),
    );
    return { redis, state, intake, ...leftBehind, ...Object.fromEntries(states) };
  } catch (error) {
    return { redis: { ok: false, detail: error instanceof Error ? error.message : String(error) } };
  }
}

function nextTry(forMs: number | null): string {
  return forMs === null ? "" : `one request tries in ${Math.max(1, Math.ceil(forMs / 1000))} s`;
}

/** The number in the file is for a destination that holds nothing yet: it changes no other. */
export function wantsLanes(destination: string, wanted: number): string {
  return `the file asks for another number of lanes than the destination has: with every worker stopped, \`sluice lanes ${destination} ${wanted}\` changes it`;
}
