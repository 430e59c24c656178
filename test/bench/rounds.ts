import { median } from "./quantile.ts";

/** The measures of one contestant in each round, in the order of the rounds. */
export type Rounds<Name extends string, Measured> = { readonly [name in Name]: readonly Measured[] };

/** Contestants take turns, each round in the other direction: effects that wear off or build up meet them alike. */
export async function inTurn<Contestant extends { readonly name: string }, Measured>(
  rounds: number,
  contestants: readonly Contestant[],
  measure: (contestant: Contestant) => Promise<Measured>,
  progress: (text: string) => void,
): Promise<Rounds<Contestant["name"], Measured>> {
  const measured = Object.fromEntries(contestants.map(({ name }) => [name, [] as Measured[]])) as Record<
    Contestant["name"],
    Measured[]
  >;
  for (let round = 1; round <= rounds; round += 1) {
    for (const contestant of round % 2 === 1 ? contestants : contestants.toReversed()) {
      const result = await measure(contestant);
      measured[contestant.name as Contestant["name"]].push(result);
      progress(`round ${round} of ${rounds}, ${contestant.name}: ${shown(result)}`);
    }
  }
  return measured;
}

/** The ratio of each round. */
export function ratiosOf<Measured>(
  above: readonly Measured[],
  below: readonly Measured[],
  of: (measured: Measured) => number,
): readonly number[] {
  return above.map((each, round) => of(each) / of(below[round]!));
}

/** The medians in words: `now 1234, today 567 µs` */
export function mediansOf<Measured>(
  measured: { readonly [name: string]: readonly Measured[] },
  of: (measured: Measured) => number,
  unit: string,
): string {
  const each = Object.entries(measured).map(([name, all]) => `${name} ${written(median(all.map(of)))}`);
  return `${each.join(", ")} ${unit}`;
}

/** A measure in short, for people who watch. */
export function shown(measured: unknown): string {
  return JSON.stringify(measured, (_name, value: unknown) =>
    typeof value === "number" ? Number(written(value)) : value,
  );
}

function written(number: number): string {
  return number < 10 ? number.toFixed(2) : number.toFixed(0);
}
