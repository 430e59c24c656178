import { createRandom } from "../chaos/random.ts";

/** The load of a lane and the outages of its destination, by the seed alone. */
export type Weather = {
  /** Events a second at this time (s since the beginning, a Monday at midnight). */
  rate(atS: number): number;
  /** Outages in their order. */
  readonly outages: readonly { readonly fromS: number; readonly untilS: number }[];
};

const DAY_S = 86_400;
const WEEK_S = 7 * DAY_S;
/** On the mean one outage in ten days, from a minute to eight hours, and one of a whole day within the year. */
const BETWEEN_OUTAGES_S = 10 * DAY_S;
const SHORTEST_S = 60;
const LONGEST_S = 8 * 3600;
/** The burst of an ERP on Monday morning: half an hour with twice the events. */
const BURST = { fromS: 9 * 3600, untilS: 9.5 * 3600, times: 2 };

export function createWeather(meanPerSecond: number, days: number, seed: number): Weather {
  const random = createRandom(seed, "outages");
  const outages: { fromS: number; untilS: number }[] = [];
  const longFromS = random.next() * Math.max(0, days - 2) * DAY_S;
  for (let atS = 0; ;) {
    atS += -Math.log(1 - random.next()) * BETWEEN_OUTAGES_S;
    if (atS >= days * DAY_S) break;
    const lengthS = SHORTEST_S * (LONGEST_S / SHORTEST_S) ** random.next();
    outages.push({ fromS: atS, untilS: atS + lengthS });
    atS += lengthS;
  }
  outages.push({ fromS: longFromS, untilS: longFromS + DAY_S });
  // Five days of 1.15 and two of 0.625 are a week of seven; a day's wave is around its mean.
  const rate = (atS: number): number => {
    const ofWeekS = atS % WEEK_S;
    const weekday = ofWeekS < 5 * DAY_S ? 1.15 : 0.625;
    const wave = 1 - 0.5 * Math.cos((2 * Math.PI * (atS % DAY_S)) / DAY_S);
    const burst = ofWeekS >= BURST.fromS && ofWeekS < BURST.untilS ? BURST.times : 1;
    return meanPerSecond * weekday * wave * burst;
  };
  return { rate, outages: outages.toSorted((a, b) => a.fromS - b.fromS) };
}
