import { groupCommit } from "@sluice/group-commit";
import type { Acknowledgement } from "../server/acknowledgement.ts";
import type { Claiming } from "../claims/claiming.ts";
import {
  orderArguments,
  type ClaimAnswer,
  type Claimed,
  type Claimer,
  type ClaimOrder,
} from "../claims/claim-order.ts";
import { run } from "../connection/connection.ts";
import type { IncomingChange, MergeWord, ScriptArgument } from "./incoming-change.ts";
import { LanesDifferError } from "../lanes/lane-count.ts";
import { MAX_MERGED_AT_ONCE } from "../limits.ts";
import { groupByRecord, groupOf, scriptsOf, spread, type RecordGroup } from "./merge-groups.ts";
import type { SentClaim } from "../claims/sent-claim.ts";

export type LaneMergesOptions = {
  readonly tag: string;
  readonly destination: string;
  /** How many lanes the destination has, as far as this process knows. */
  readonly lanes: number;
  /** Called when the lane is of another number. */
  readonly onOtherLanes: () => void;
  readonly acknowledgement: Acknowledgement;
  readonly dedupeWindowMs: number;
  readonly oldSliceMs: number;
  readonly horizonMs: number;
  /** The claimer that takes records with a merge; null: nothing may be claimed now. */
  readonly claiming: () => Claimer | null;
  readonly taking: Pick<Claiming, "send" | "complete">;
};

/** The merges of one lane: changes of the same moment go together, and the last of their scripts claims. */
export function createLaneMerges(options: LaneMergesOptions): { add(change: IncomingChange): Promise<MergeWord> } {
  const { tag, lanes, acknowledgement, dedupeWindowMs, oldSliceMs, horizonMs, claiming, taking } = options;

  const runMerge = async (
    groups: readonly RecordGroup[],
    order: ClaimOrder | null,
    sent: SentClaim | null,
  ): Promise<readonly unknown[]> => {
    const args: ScriptArgument[] = [dedupeWindowMs, oldSliceMs, lanes, horizonMs, groups.length];
    for (const group of groups) args.push(...group.args);
    if (order !== null && sent !== null) args.push(...orderArguments(order, sent.known));
    try {
      return (await run(acknowledgement.redis, "sluice_mergeBuffer", tag, args)) as unknown[];
    } catch (error) {
      const told = LanesDifferError.read(error, options);
      if (told !== null) options.onOtherLanes();
      throw told ?? error;
    }
  };

  /** Merges the groups, and claims with the last of their scripts. Answers the groups of which a change had been merged before. */
  const mergeGroups = async (
    groups: readonly RecordGroup[],
    words: (MergeWord | undefined)[],
    mayClaim: boolean,
  ): Promise<readonly RecordGroup[]> => {
    const scripts = scriptsOf(groups);
    const claimer = mayClaim ? claiming() : null;
    const order = scripts.length === 0 ? null : (claimer?.order() ?? null);
    const answers = scripts.map(async (script, at) => {
      const sent = order !== null && at === scripts.length - 1 ? taking.send(order) : null;
      const merged = runMerge(script, order, sent);
      if (order !== null && sent !== null) {
        const claimed: Claimed | Error = await merged.then(
          async (answer) => await taking.complete(await sent.read(answer.at(-1) as ClaimAnswer), order),
          (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
        );
        claimer!.take(claimed, order);
      }
      return await merged;
    });
    const known: RecordGroup[] = [];
    for (const [at, answer] of (await Promise.all(answers)).entries()) {
      for (const [each, group] of scripts[at]!.entries()) {
        const told = answer[each] as Buffer | readonly Buffer[];
        if (Buffer.isBuffer(told)) known.push(group);
        else spread(group, told.map(String) as MergeWord[], words);
      }
    }
    return known;
  };

  return groupCommit<IncomingChange, MergeWord>({
    maxItems: MAX_MERGED_AT_ONCE,
    async commit(changes) {
      const words: (MergeWord | undefined)[] = changes.map(() => undefined);
      const merge = async (): Promise<void> => {
        const { groups, again } = groupByRecord(changes);
        const known = await mergeGroups(groups, words, again.length === 0);
        const alone = [...known.flatMap(({ places }) => places), ...again];
        if (alone.length === 0) return;
        const singles = alone.map((place) => groupOf(changes, [place]));
        await mergeGroups(singles, words, true);
      };
      await acknowledgement.confirm(tag, merge);
      return words as MergeWord[];
    },
  });
}
