import type { DestinationNow, Now } from "@sluice/console";
import { counted } from "../terminal/counted.ts";
import { printable } from "../terminal/printable.ts";
import { table } from "../terminal/table.ts";
import { countText, durationText } from "../transfer/transfer-progress.ts";

/** The fleet at one moment, in lines: the same numbers and words as the console's first view. */
export function statusText(now: Now): string {
  const { headline, destinations } = now;
  const rows = destinations.map((each) => [
    each.name,
    stateText(each),
    countText(each.pendingRecords),
    each.oldestPendingSeconds === null ? "" : durationText(each.oldestPendingSeconds),
    goneText(each),
    `${each.acceptedPerSecond}`,
    `${each.endedPerSecond}`,
    countText(each.deadLetters),
    quotaText(each),
  ]);
  const held = destinations.flatMap((each) => holdLine(each) ?? []);
  return [
    printable(headline),
    "",
    table([["destination", "state", "pending", "oldest", "gone", "in/s", "out/s", "dead", "requests/min"], ...rows]),
    ...(held.length === 0 ? [] : ["", ...held]),
    "",
    ...underneath(now),
  ].join("\n");
}

/** Whether the flow stands anywhere: no worker lives, the door is closed, a destination is held, a job waits for an operator. */
export function standsStill({ workers, redis, intake, destinations }: Now): boolean {
  return (
    workers === 0 || redis.isPressed || intake.failedJobs > 0 || destinations.some(({ state }) => state === "held")
  );
}

function stateText({ state, recoveryAllows }: DestinationNow): string {
  switch (state) {
    case "flowing":
      return "flows";
    case "held":
      return "held";
    case "recovering":
      return recoveryAllows === null ? "comes back" : `comes back, ${recoveryAllows} at a time`;
  }
}

function goneText({ open, state, forecastSeconds }: DestinationNow): string {
  if (open === 0) return "";
  if (state === "held") return "once it flows";
  return forecastSeconds === null ? "can't be said yet" : `in about ${durationText(forecastSeconds)}`;
}

function quotaText({ quota: { requestsPerMinute, configured } }: DestinationNow): string {
  return requestsPerMinute < configured
    ? `${countText(requestsPerMinute)} of ${countText(configured)}`
    : countText(requestsPerMinute);
}

/** Why a destination is held, and when one request tries again. */
function holdLine({ name, hold }: DestinationNow): string | null {
  if (hold === null) return null;
  const note = hold.note === null ? "" : ` (“${hold.note}”)`;
  const next =
    hold.probeAt === null
      ? `until \`sluice resume ${name}\``
      : `one request tries ${hold.seconds === null || hold.seconds < 1 ? "now" : `in ${durationText(hold.seconds)}`}, at ${hold.probeAt}`;
  return printable(`${name}: ${hold.says}${note}; ${next}`);
}

function underneath({ intake, workers, redis, openIssues, totals }: Now): string[] {
  const oldest = intake.oldestSeconds === null ? "" : `, the oldest for ${durationText(intake.oldestSeconds)}`;
  const failed = intake.failedJobs === 0 ? "" : `; an operator is wanted for ${counted(intake.failedJobs, "job")}`;
  const budget = redis.budgetBytes === null ? "" : ` of ${megabytes(redis.budgetBytes)}`;
  return [
    `intake        ${counted(intake.waitingWebhooks, "webhook")} to be understood${oldest}${failed}`,
    `workers       ${workers === 0 ? "none" : countText(workers)}`,
    `Redis         ${megabytes(redis.usedBytes)}${budget}${redis.isPressed ? ": the door is closed" : ""}`,
    `dead letters  ${countText(totals.deadLetters)}${totals.deadLetters === 0 ? "" : ": `sluice dead list`"}`,
    `issues        ${countText(openIssues)} open${openIssues === 0 ? "" : ": `sluice issues`"}`,
  ];
}

function megabytes(bytes: number): string {
  return `${countText(Math.round(bytes / 1_000_000))} MB`;
}
