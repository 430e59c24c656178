/** The words that somebody who wrote this one may have meant, the nearest first; none, where all are far from it. */
export function nearest(word: string, words: Iterable<string>): readonly string[] {
  const plain = plainOf(word);
  const near = [...new Set(words)]
    .map((each) => ({ each, distance: distanceOf(plain, plainOf(each)) }))
    .filter(
      ({ each, distance }) =>
        each !== word && distance <= Math.min(MOST_EDITS, Math.max(1, Math.floor(plain.length / 4))),
    )
    .toSorted((a, b) => a.distance - b.distance);
  // Where a word differs in its spelling alone, no other was meant.
  const furthest = near[0]?.distance === 0 ? 0 : Infinity;
  return near
    .filter(({ distance }) => distance <= furthest)
    .slice(0, MOST)
    .map(({ each }) => each);
}

const MOST = 3;
/** Fewer than the three letters between `created` and `updated`, which nobody mistakes for each other. */
const MOST_EDITS = 2;
/** Longer words are nothing that a person wrote by hand. */
const MAX_CHARACTERS = 100;

/** A word without case and marks, in which spellings differ: `customers/update` and `Customers.Update`. */
function plainOf(word: string): string {
  return word
    .slice(0, MAX_CHARACTERS)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "");
}

/** How many letters have to be put in, left out, replaced or swapped with their neighbours. */
function distanceOf(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (isSame ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
