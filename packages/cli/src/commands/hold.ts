import { setTimeout as wait } from "node:timers/promises";
import { holdDestination, resumeDestination } from "@sluice/operator";
import type { Lane, LaneNumbers } from "@sluice/queue";
import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { withFleet } from "../fleet-queue.ts";
import { invoker } from "../invoker.ts";

/** The operator's hand on the gate: a destination that is held here stays so until it is resumed here. */
export const holdCommands: AddCommand = (program, shell) => {
  program
    .command("hold <destination>")
    .description("sends nothing to a destination until it is resumed; webhooks are taken in as before")
    .option("--reason <text>", "what others should know about it")
    .option("--json", "as JSON")
    .option(...CONFIG_OPTION)
    .action(async (destination: string, options: { config?: string; json?: boolean; reason?: string }) => {
      await withFleet(shell.settings(options.config), async (fleet) => {
        await holdDestination(fleet, destination, invoker(options.reason));
        if (options.json === true) console.log(JSON.stringify({ destination, state: "held" }));
        else console.log(`${destination} is held. sluice resume ${destination} lets it flow again.`);
      });
    });
  program
    .command("resume <destination>")
    .description("ends whatever holds a destination: one request tries first, then the flow comes back")
    .option("--reason <text>", "what others should know about it")
    .option("--json", "as JSON")
    .option(...CONFIG_OPTION)
    .action(async (destination: string, options: { config?: string; json?: boolean; reason?: string }) => {
      await withFleet(shell.settings(options.config), async (fleet) => {
        const reason = await resumeDestination(fleet, destination, invoker(options.reason));
        const lane = fleet.queue.lane(destination);
        const numbers = reason === null ? await lane.numbers() : await settling(lane);
        if (options.json === true) console.log(JSON.stringify(resumed(destination, reason, numbers, Date.now())));
        else if (reason === null) console.log(`${destination} is not held.`);
        else console.log(`${destination} was held (${reason}) ${whatFollows(numbers, Date.now())}`);
      });
    });
};

/** How long, at most, the request that tries is watched for its outcome, and how often. */
const WATCH_MS = 3000;
const WATCH_EVERY_MS = 100;

/** The gate's state once the request that tries was answered, or after a while. */
async function settling(lane: Lane): Promise<LaneNumbers> {
  const end = performance.now() + WATCH_MS;
  for (;;) {
    const numbers = await lane.numbers();
    const { hold, allowed } = numbers.gate;
    const isTrying = hold === null && allowed === 1 && numbers.pendingRecords > 0;
    if (!isTrying || performance.now() > end) return numbers;
    await wait(WATCH_EVERY_MS);
  }
}

/** The same for programs: why it was held (null: it was not), and how it stands. `probeAt`: when one request tries again, where it is held anew. */
function resumed(destination: string, wasHeld: string | null, { gate: { hold, allowed } }: LaneNumbers, nowMs: number) {
  const state = hold === null ? (allowed === null ? "flowing" : "recovering") : "held";
  const probeAt = hold === null || hold.forMs === null ? null : new Date(nowMs + hold.forMs).toISOString();
  return { destination, wasHeld, state, reason: hold?.reason ?? null, probeAt };
}

/** The state of a destination whose hold was just ended. */
export function whatFollows(
  { gate: { hold, allowed }, pendingRecords }: Pick<LaneNumbers, "gate" | "pendingRecords">,
  nowMs: number,
): string {
  if (hold === null) {
    const isTrying = allowed === 1 && pendingRecords > 0;
    return isTrying ? "and is tried: one request is under way, the others follow if it succeeds." : "and flows again.";
  }
  const next =
    hold.forMs === null
      ? "until it is resumed again, or the cause is gone"
      : `the next request tries in ${Math.max(1, Math.ceil(hold.forMs / 1000))} s, at ${new Date(nowMs + hold.forMs).toISOString()}`;
  return `and is held again (${hold.reason}): ${next}.`;
}
