import type { ClaimedWrite } from "./write.ts";

export type PlanTerms = {
  /** Requests that may start now. */
  readonly requests: number;
  /** Records in one job, at most. */
  readonly batch: number;
  /** The group of a write: writes of one group may share a job; null: it goes alone. */
  readonly groupOf: (write: ClaimedWrite) => string | null;
};

/**
 * How writes go out. Where there is a request for each, each has its own and waits for nobody; otherwise the writes that can share
 * a job do. `sends`: the writes of each request; a record by itself is no job. `left`: the youngest writes, for which the requests did not suffice.
 */
export function plan(
  writes: readonly ClaimedWrite[],
  { requests, batch, groupOf }: PlanTerms,
): { readonly sends: readonly (readonly ClaimedWrite[])[]; readonly left: readonly ClaimedWrite[] } {
  const sends = writes.length <= requests ? writes.map((write) => [write]) : inGroups(writes, groupOf, batch);
  return { sends: sends.slice(0, requests), left: sends.slice(requests).flat() };
}

/** The writes of each request. Requests stand in the order of their oldest writes. */
function inGroups(
  writes: readonly ClaimedWrite[],
  groupOf: PlanTerms["groupOf"],
  batch: number,
): readonly (readonly ClaimedWrite[])[] {
  const open = new Map<string, { readonly writes: ClaimedWrite[]; most: number }>();
  const all: ClaimedWrite[][] = [];
  for (const write of writes) {
    const group = groupOf(write);
    const shared = group === null ? undefined : open.get(group);
    // A job that was refused because of one of its records is not put together again.
    const most = Math.min(batch, write.claim.together ?? batch);
    if (shared !== undefined && shared.writes.length < Math.min(shared.most, most)) {
      shared.writes.push(write);
      shared.most = Math.min(shared.most, most);
      continue;
    }
    const started = [write];
    all.push(started);
    // A small group that was begun for its own sake closes none that has room.
    const isFull = shared === undefined || shared.writes.length >= shared.most;
    if (group !== null && isFull) open.set(group, { writes: started, most });
  }
  return all;
}
