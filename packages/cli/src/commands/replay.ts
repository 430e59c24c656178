import type { Replay } from "@sluice/console";
import { SluiceError } from "@sluice/runtime";
import type { AddCommand, Shell } from "../command.ts";
import type { ConsoleClient } from "../console/console-client.ts";
import { counted } from "../terminal/counted.ts";
import {
  clientOf,
  addEventFilters,
  asking,
  eventFilterOf,
  type ConsoleCallOptions,
  type EventFilters,
} from "../console/event-filters.ts";
import { followed } from "../console/followed.ts";
import { printable } from "../terminal/printable.ts";
import { foreseenText } from "../replay/plan-text.ts";
import { table } from "../terminal/table.ts";
import { countText, durationText } from "../transfer/transfer-progress.ts";

type Asked = ConsoleCallOptions &
  EventFilters & { readonly yes?: boolean; readonly all?: boolean; readonly unchanged?: boolean };

const STEPS = {
  run: "runs one that was planned",
  pause: "lets one rest",
  resume: "lets one go on that rests",
  abort: "ends one; what was understood again stays so",
} as const;

/** `replay`: past events under the mapping as it is now, by the console, which goes on when this command is broken off. */
export const replayCommands: AddCommand = (program, shell) => {
  // The options behind `replay list` are its own, though `replay` has ones of the same names.
  program.enablePositionalOptions();
  const replay = program
    .command("replay")
    .description(
      "what the mapping as it is now makes of past events: a plan, and with --yes the replay; from the history",
    );
  addEventFilters(replay);
  asking(replay)
    .option("--all", "all events that are kept, where no filter is given")
    .option("--unchanged", "also those of which the mapping makes the same as before")
    .option("--yes", "run it once it is planned")
    .action(async (options: Asked) => {
      const filter = eventFilterOf(options);
      if (Object.keys(filter).length === 0 && options.all !== true) {
        throw new SluiceError("Nothing says which events to replay", {
          code: "option_invalid",
          hint: "give a filter, such as --source and --since, or --all; without --yes only the plan is shown",
        });
      }
      const client = clientOf(shell, options);
      const asked = { filter, unchanged: options.unchanged === true ? "send" : "skip" };
      const { id } = await client.post<Replay>("/api/replays", asked);
      const planned = await untilPast(shell, client, id, "planning");
      if (options.yes !== true || planned.plan === null || planned.plan.replayed === 0) {
        return finish(shell, options, planned);
      }
      if (options.json !== true) console.log(`${told(planned)}\n`);
      await client.post(`/api/replays/${id}/run`);
      finish(shell, options, await untilPast(shell, client, id, "running"), false);
    });
  asking(replay.command("list").description("replays, the newest first")).action(
    async (options: ConsoleCallOptions) => {
      const { items } = await clientOf(shell, options).get<{ items: readonly Replay[] }>("/api/replays");
      if (options.json === true) for (const item of items) console.log(JSON.stringify(item));
      else console.log(items.length === 0 ? "There is no replay." : listed(items));
    },
  );
  asking(replay.command("show <id>").description("one: its plan, and how far it is")).action(
    async (id: string, options: ConsoleCallOptions) => {
      finish(shell, options, await clientOf(shell, options).get<Replay>(pathOf(id)));
    },
  );
  for (const [step, says] of Object.entries(STEPS)) {
    asking(replay.command(`${step} <id>`).description(says)).action(async (id: string, options: ConsoleCallOptions) => {
      const client = clientOf(shell, options);
      const asked = await client.post<Replay>(`${pathOf(id)}/${step}`);
      const isFollowed = step === "run" || step === "resume";
      finish(shell, options, isFollowed ? await untilPast(shell, client, id, "running") : asked, false);
    });
  }
};

function pathOf(id: string): string {
  return `/api/replays/${encodeURIComponent(id)}`;
}

/** Shows how far a replay is until it is in this state no more. */
async function untilPast(shell: Shell, client: ConsoleClient, id: string, state: Replay["state"]): Promise<Replay> {
  const isOver = (replay: Replay): boolean => replay.state !== state || replay.stale !== null;
  return await followed(shell, client, { path: pathOf(id), isOver, standing, shownBy: `sluice replay show ${id}` });
}

function standing({ state, looked, progress, error, run }: Replay): string {
  if (state === "planning") {
    return `planning: ${counted(looked.webhooks, "webhook")}${looked.at === null ? "" : `, up to ${looked.at}`}`;
  }
  if (progress === null) return state;
  const { done, of, secondsLeft, waitsFor } = progress;
  const left = secondsLeft === null || state !== "running" ? "" : `, ${durationText(secondsLeft)} left`;
  const waits = waitsFor === null ? "" : `, waits: ${WAITS[waitsFor]}`;
  const why = error === null ? "" : printable(`, ${error.message}`);
  return `${state}, replay ${run ?? "?"}: ${countText(done)} of ${counted(of, "webhook")}${left}${waits}${why}`;
}

const WAITS: Readonly<Record<NonNullable<NonNullable<Replay["progress"]>["waitsFor"]>, string>> = {
  queue: "live webhooks are understood first",
  destination: "a destination has enough to write, or is held",
  redis: "Redis is too full for more",
  dead_letters: "its source's dead letters have no room",
};

/** Prints a replay as it stands; the exit code tells whether it ended badly. */
function finish(shell: Shell, { json }: ConsoleCallOptions, replay: Replay, withPlan = true): void {
  if (json === true) console.log(JSON.stringify(replay));
  else console.log(withPlan ? told(replay) : ending(replay).join("\n"));
  if (replay.state === "failed" || replay.state === "aborted" || replay.stale !== null) shell.exit(1);
}

/** The plan of a replay, and what there is to do. */
function told(replay: Replay): string {
  const { plan, unchanged } = replay;
  if (plan === null) return ending(replay).join("\n");
  const left = Object.entries(plan.leftOut).map(
    ([why, webhooks]) => `${counted(webhooks, "webhook")} left out: ${LEFT_OUT[why as keyof typeof LEFT_OUT]}`,
  );
  const skipped = unchanged === "skip" ? "; what the mapping leaves as it was is not sent again" : "";
  return [
    `${counted(plan.chosen, "event")} meant, in ${counted(plan.webhooks, "webhook")} of ${counted(plan.events, "event")}: ` +
      `${countText(plan.replayed)} would be understood again${skipped}.`,
    ...left,
    "",
    ...foreseenText(plan),
    ...plan.gaps.map((gap) => `\ngap: ${gap}`),
    "",
    ...ending(replay),
  ].join("\n");
}

function ending(replay: Replay): string[] {
  const { id, state, stale, error } = replay;
  if (stale !== null) return [printable(`It can't go on: ${stale}. Plan anew; \`sluice replay abort ${id}\` ends it.`)];
  switch (state) {
    case "planned":
      return replay.plan?.replayed === 0
        ? ["Nothing would be understood again."]
        : [`Nothing was done. \`sluice replay run ${id}\` runs it, until ${replay.plan?.expiresAt ?? "?"}.`];
    case "failed":
      return [printable(`It failed: ${error?.message ?? "?"}`), ...(error?.hint ? [printable(error.hint)] : [])];
    case "paused":
      return [standing(replay), `\`sluice replay resume ${id}\` lets it go on.`];
    case "planning":
    case "running":
    case "done":
    case "aborted":
      return [standing(replay)];
  }
}

const LEFT_OUT = {
  redacted: "the source's `redact` took values out of them",
  cut: "their bodies were cut: more than a megabyte",
  document: "they are documents that were fetched; their events ask for them again",
  repeated: "repetitions of events that came in before",
  source_unknown: "the configuration has no such source",
  unreadable: "their source's scheme can't read them",
} as const satisfies Record<keyof NonNullable<Replay["plan"]>["leftOut"], string>;

function listed(items: readonly Replay[]): string {
  const rows = items.map(({ id, createdAt, state, filter, by, progress }) => [
    id,
    createdAt,
    state,
    progress === null ? "" : `${countText(progress.done)} of ${countText(progress.of)}`,
    Object.entries(filter)
      .map(([name, value]) => `${name}=${value}`)
      .join(" "),
    by,
  ]);
  return table([["id", "planned", "state", "webhooks", "of", "by"], ...rows]);
}
