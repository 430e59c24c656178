import { acting, type Actor } from "./acting.ts";
import { assertDestination, type Fleet } from "./fleet.ts";

/**
 * Sends nothing to the destination until it is resumed.
 * @throws SluiceError `destination_unknown`
 */
export async function holdDestination(fleet: Fleet, destination: string, by: Actor): Promise<void> {
  assertDestination(fleet, destination);
  await acting(fleet.queue, by, { action: "destination.hold", target: destination }, async () => {
    await fleet.queue.gate(destination).hold(null, "operator", by.reason);
    return { word: "held" };
  });
}

/**
 * Ends the hold of the destination, whatever its reason.
 * @returns why it was held; null: it was not
 * @throws SluiceError `destination_unknown`
 */
export async function resumeDestination(fleet: Fleet, destination: string, by: Actor): Promise<string | null> {
  assertDestination(fleet, destination);
  const { was } = await acting(fleet.queue, by, { action: "destination.resume", target: destination }, async () => {
    const reason = await fleet.queue.gate(destination).resume();
    return { word: reason === null ? "not held" : "resumed", was: reason, details: { was: reason } };
  });
  return was;
}
