import { parseArgs } from "node:util";
import type { Plant } from "./flow.ts";
import { createWeather } from "./weather.ts";
import { simulate, type Totals } from "./year.ts";
import { wholeNumber } from "../whole-number.ts";

/*
 * A year on a simulated clock, of a small fleet and of a large one, with outages and quotas: `pnpm simulate`. The rates and sizes are the measured
 * ones (costs.ts), the year is made up (weather.ts), and what lies between them is flows (flow.ts).
 */

type Fleet = { readonly title: string; readonly perSecond: number; readonly lanes: number; readonly plant: Plant };

const GB = 1024 ** 3;
const FLEETS: readonly Fleet[] = [
  {
    title: "1,000 events/s, one destination",
    perSecond: 1000,
    lanes: 1,
    plant: { records: 2_000_000, callsPerMinute: 700, batch: 100, redisBudgetBytes: 20 * GB },
  },
  {
    title: "50,000 events/s, 25 destinations on a Redis each",
    perSecond: 50_000,
    lanes: 25,
    plant: { records: 2_000_000, callsPerMinute: 2400, batch: 100, redisBudgetBytes: 36 * GB },
  },
];

const { values } = parseArgs({ options: { seed: { type: "string" }, days: { type: "string" } } });
const seed = wholeNumber("seed", values.seed ?? "1", 2 ** 31);
const days = wholeNumber("days", values.days ?? "365", 3650);

const columns = FLEETS.map(({ perSecond, lanes, plant }) => {
  const weather = createWeather(perSecond / lanes, days, seed);
  return { lanes, plant, totals: simulate(plant, weather, days) };
});
type Column = (typeof columns)[number];

const ROWS: readonly (readonly [string, (column: Column) => string])[] = [
  ["events", ({ totals, lanes }) => count(totals.arrived * lanes)],
  ["writes of records", ({ totals, lanes }) => count(totals.writes * lanes)],
  ["calls", ({ totals, lanes }) => count(totals.calls * lanes)],
  ["events for each call", ({ totals }) => (totals.ended / totals.calls).toFixed(0)],
  [
    "most calls in a minute, of a quota",
    ({ totals, plant }) => `${totals.mostCallsPerMinute.toFixed(0)} of ${plant.callsPerMinute}`,
  ],
  ["outages of a destination, hours", ({ totals }) => `${totals.outages}, ${totals.outageHours.toFixed(0)} h`],
  ["most pending records of a destination", ({ totals }) => count(totals.mostPending)],
  ["longest catching up", ({ totals }) => duration(totals.longestCatchUpS)],
  ["behind by more than a minute's calls, without an outage", ({ totals }) => `${totals.behindHours.toFixed(0)} h`],
  ["most webhooks waiting to be understood", ({ totals }) => count(totals.mostWaiting)],
  [
    "most memory of a Redis, of a budget",
    ({ totals, plant }) => `${gigabytes(totals.mostBytes)} of ${gigabytes(plant.redisBudgetBytes)}`,
  ],
  ["answers of 503", ({ totals, lanes }) => count(totals.refused * lanes)],
  ["left at the end: senders, waiting, pending", ({ totals }) => left(totals)],
];

console.log(`${days} days, seed ${seed}; numbers of a destination where they are said to be, else of the fleet\n`);
console.log(`| | ${FLEETS.map(({ title }) => title).join(" | ")} |`);
console.log(`|---|${FLEETS.map(() => "---").join("|")}|`);
for (const [name, show] of ROWS) console.log(`| ${name} | ${columns.map(show).join(" | ")} |`);

function left({ end }: Totals): string {
  return [end.atSenders, end.waiting, end.pendingEvents].map(count).join(", ");
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function duration(seconds: number): string {
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / GB).toFixed(1)} GB`;
}
