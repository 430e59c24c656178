import { ANSWERS, RULINGS, Refusal } from "@sluice/zendesk";

/**
 * The fencing token of a writer, in microseconds.
 * @throws Refusal 400
 */
export function readFence(text: string, header: string = RULINGS.fenceHeader): string {
  if (/^\d{1,19}$/.test(text) && BigInt(text) <= 2n ** 63n - 1n) return text;
  throw new Refusal(ANSWERS.invalidParameter(`${header} is not an integer of microseconds`));
}

/**
 * One token for each item of a bulk job, with commas between; an empty one checks nothing.
 * @throws Refusal 400
 */
export function readFences(text: string, count: number): (string | null)[] {
  const header = RULINGS.jobFencesHeader;
  const fences = text.split(",").map((each) => (each.trim() === "" ? null : readFence(each.trim(), header)));
  if (fences.length === count) return fences;
  throw new Refusal(ANSWERS.invalidParameter(`${header} has ${fences.length} tokens for ${count} items`));
}
