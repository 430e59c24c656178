import { ORDER } from "../claims/claim-order.fixture.ts";
import type { Lane } from "../lane.ts";

/** Claims what is due. `sent`: the fields that go out, or "delete"; null: nothing is due. */
export async function claimDue(lane: Lane): Promise<{ readonly sent: unknown; confirm(): Promise<unknown> }> {
  const claimed = await lane.claim(ORDER);
  if (claimed.kind !== "claimed") return { sent: null, confirm: async () => null };
  const claim = claimed.claims[0]!;
  const { deletion, fields } = claim.snapshot;
  return deletion === null
    ? {
        sent: Object.fromEntries([...fields].map(([field, { value }]) => [field, value])),
        confirm: async () => await lane.settleFields(claim),
      }
    : { sent: "delete", confirm: async () => await lane.settleDelete(claim) };
}

/** Writes all that is due. @returns what was sent */
export async function writeDue(lane: Lane): Promise<unknown> {
  const { sent, confirm } = await claimDue(lane);
  await confirm();
  return sent;
}
