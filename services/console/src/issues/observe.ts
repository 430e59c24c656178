import { holdText } from "@sluice/operator";
import { INTAKE, type LaneNumbers } from "@sluice/queue";
import type { IssueKind } from "@sluice/runtime";
import type { TypeDrift } from "../fields/watch-fields.ts";
import { LIMITS } from "../limits.ts";
import type { Facts } from "./facts.ts";
import { issueId, type Observation } from "./observation.ts";
import { driftsOf, silenceWarning, unknownOf } from "./source-week.ts";

/** The faults that stand now, and the kinds of which nothing is known now. */
export type Observed = { readonly observations: readonly Observation[]; readonly blind: ReadonlySet<IssueKind> };

/** Decides from the facts what is wrong. */
export function observe(facts: Facts): Observed {
  const blind = new Set<IssueKind>();
  const known = <Fact>(fact: Fact | null, kinds: readonly IssueKind[], of: (fact: Fact) => readonly Observation[]) => {
    if (fact !== null) return [...Map.groupBy(of(fact), ({ kind }) => kind).values()].flatMap(bounded);
    for (const kind of kinds) blind.add(kind);
    return [];
  };
  const lanes = [...facts.lanes].flatMap(([name, lane]) => ofLane(name, lane, facts.nowMs));
  const observations = [
    ...known(facts.groups, ["dead_letters"], (groups) => groups.map(ofLetters)),
    ...lanes,
    ...ofIntake(facts),
    ...known(facts.wentBack, ["state_went_back"], (says) => (says === undefined ? [] : [wentBack(says)])),
    ...known(facts.refused, ["signatures_refused"], ofRefused),
    ...known(facts.days, ["source_silent", "unknown_types", "mapping_drift"], (days) => ofSources(facts, days)),
    ...known(facts.fields, ["mapping_drift"], ofFields),
    ...known(facts.failing, ["webhook_failing"], (failing) => failing.map(ofReceiver)),
  ];
  return { observations, blind };
}

function bounded(observations: readonly Observation[]): readonly Observation[] {
  return observations.slice(0, LIMITS.observedOfKind);
}

const ORDINARY = { level: 0, mark: "", count: null } as const;

function ofLetters(group: NonNullable<Facts["groups"]>[number]): Observation {
  const { id, destination, object, message, count, hint, lastAt } = group;
  const where = destination === INTAKE ? "could not be understood" : `for ${destination}/${object} ${are(count)} dead`;
  const of = destination === INTAKE ? counted(count, "webhook") : counted(count, "change");
  return {
    kind: "dead_letters",
    subject: id,
    title: `${of} ${where}: ${cut(message)}`,
    says: hint,
    count,
    view: `/letters/cause/${encodeURIComponent(id)}`,
    // A letter that comes after somebody said that it is mended says that it is not.
    level: Date.parse(lastAt),
    mark: "",
  };
}

function ofLane(
  name: string,
  { gate: { hold }, oldestPendingMs, pendingRecords }: Pick<LaneNumbers, "gate" | "oldestPendingMs" | "pendingRecords">,
  nowMs: number,
): Observation[] {
  const view = `/destinations/${encodeURIComponent(name)}`;
  const found: Observation[] = [];
  if (hold?.reason === "credentials") {
    const says = "Its work is held, none of it dies. It flows again by itself once the credentials are accepted.";
    found.push({
      ...ORDINARY,
      kind: "credentials_refused",
      subject: name,
      title: `${name} refuses our credentials`,
      says,
      view,
    });
  } else if (hold !== null) {
    const note = hold.reason === "operator" && hold.note !== "" ? ` Whoever holds it says: ${cut(hold.note)}` : "";
    const title = `${name} is held: ${holdText(hold.reason)}`;
    const says = `Its changes wait in order and merge; no attempt is spent on them.${note}`;
    found.push({ ...ORDINARY, kind: "held", subject: name, title, says, view });
  }
  const waitedMs = oldestPendingMs === null ? 0 : nowMs - oldestPendingMs;
  if (waitedMs > LIMITS.pendingTooLongMs) {
    found.push({
      ...ORDINARY,
      kind: "oldest_pending",
      subject: name,
      title: `A change for ${name} has waited for more than ${waitedMs > LIMITS.pendingMuchTooLongMs ? "an hour" : "five minutes"}`,
      says: `It is away or held, its quota is too small for the flow, or there are too few workers. ${counted(pendingRecords, "record")} ${pendingRecords === 1 ? "waits" : "wait"}.`,
      count: pendingRecords,
      severity: waitedMs > LIMITS.pendingMuchTooLongMs ? "page" : "ticket",
      view,
    });
  }
  return found;
}

function ofIntake({ intake: { oldestMs, waitingWebhooks }, workers, nowMs }: Facts): Observation[] {
  const found: Observation[] = [];
  if (oldestMs !== null && nowMs - oldestMs > LIMITS.intakeTooLongMs) {
    found.push({
      ...ORDINARY,
      kind: "intake_waits",
      subject: INTAKE,
      title: "Webhooks wait to be understood for more than a minute",
      says: "There are too few workers, Redis' memory is full, or no worker has the configuration that the door read them with.",
      count: waitingWebhooks,
      view: "/",
    });
  }
  if (workers === 0) {
    const says = "Nothing is understood and nothing is written. What comes in is stored and waits.";
    found.push({ ...ORDINARY, kind: "no_worker", subject: "workers", title: "No worker lives", says, view: "/" });
  }
  return found;
}

function wentBack(says: string): Observation {
  const title = "The state in Redis is older than what was known of it";
  return { ...ORDINARY, kind: "state_went_back", subject: "redis", title, says: cut(says, 600), view: "/" };
}

function ofRefused(refused: ReadonlyMap<string, number>): Observation[] {
  const bySource = Map.groupBy(refused, ([name]) => name.slice(0, name.indexOf(" ")));
  return [...bySource].flatMap(([source, rows]) => {
    const count = rows.reduce((sum, [, each]) => sum + each, 0);
    if (count < LIMITS.refusedInFiveMinutes) return [];
    const reasons = rows.map(([name]) => name.slice(name.indexOf(" ") + 1)).toSorted();
    return [
      {
        ...ORDINARY,
        kind: "signatures_refused" as const,
        subject: source,
        title: `${source} sends webhooks that are not authentic (${reasons.join(", ")})`,
        says: "A secret was changed on one side only, and then real events are being refused; or a clock is wrong; or somebody tries the door.",
        count,
        view: source === "unknown" ? "/sources" : `/sources/${encodeURIComponent(source)}`,
      },
    ];
  });
}

function ofSources(facts: Facts, days: NonNullable<Facts["days"]>): Observation[] {
  return [...facts.configuration.sources.values()].flatMap((source) => {
    const week = days.get(source.name) ?? [];
    const mark = String(facts.intake.understood.get(source.name) ?? 0);
    const before = facts.marks.get(issueId({ kind: "source_silent", subject: source.name }));
    const view = `/sources/${encodeURIComponent(source.name)}`;
    const frame = { ...ORDINARY, subject: source.name, view };
    const silence = silenceWarning(source, week, facts.nowMs);
    const unknown = unknownOf(source, week);
    // A silence ends with an event, and not with the day on whose account it was noticed.
    const isStillSilent = before !== undefined && before === mark;
    return [
      ...(silence !== null || isStillSilent
        ? [
            {
              ...frame,
              kind: "source_silent" as const,
              title: `${source.name} has fallen silent`,
              says: silence ?? "It has sent nothing since.",
              mark,
            },
          ]
        : []),
      ...(unknown === null
        ? []
        : [
            {
              ...frame,
              kind: "unknown_types" as const,
              title: `${source.name} sends ${counted(unknown.types.length, "type")} of events that no mapping takes`,
              says: `${listed(unknown.types)}. They were answered with 2xx and mean nothing. Map them, stop them at the sender, or name them under the source's \`unmapped\`.`,
              count: unknown.events,
              // Another type is news, also where the ones before were looked at.
              level: unknown.types.length,
            },
          ]),
      ...driftsOf(week).map(({ type, says }) => ({
        ...frame,
        kind: "mapping_drift" as const,
        subject: `${source.name} ${type}`,
        title: `${source.name}'s ${cut(type, 100)} is not what it was last week`,
        says,
      })),
    ];
  });
}

/** A mapping may rest on a field that is gone or of another kind. One that is new is told with them, and alone is no issue. */
function ofFields(fields: NonNullable<Facts["fields"]>): Observation[] {
  return [...fields].flatMap(([source, drifts]) =>
    [...Map.groupBy(drifts, ({ type }) => type)].flatMap(([type, all]) => {
      const broken = all.filter(({ what }) => what !== "new");
      if (broken.length === 0) return [];
      return [
        {
          ...ORDINARY,
          kind: "mapping_drift" as const,
          subject: `${source} ${type} fields`,
          title: `${source}'s ${cut(type, 100)} has other fields than last week`,
          says: `${listed([...broken, ...all.filter(({ what }) => what === "new")].map(driftText))}. By samples of the last day and of the same day a week before.`,
          // Another field is news, also where the ones before were looked at.
          level: broken.length,
          count: broken.length,
          view: `/sources/${encodeURIComponent(source)}`,
        },
      ];
    }),
  );
}

function driftText({ field, what, before, now }: TypeDrift): string {
  switch (what) {
    case "new":
      return `${field} is new (${now})`;
    case "vanished":
      return `${field} is gone (it was ${before})`;
    case "retyped":
      return `${field} is ${now}, and was ${before}`;
  }
}

function ofReceiver({ place, origin, message }: NonNullable<Facts["failing"]>[number]): Observation {
  const title = `${origin} does not take webhooks about issues`;
  const says = `${cut(message)}. What was to be told there is lost; this page has it all the same. It is over with the first webhook that is taken.`;
  return { ...ORDINARY, kind: "webhook_failing", subject: place, title, says, view: "/issues" };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, LIMITS.issueNames).map((name) => cut(name, 100));
  const rest = names.length - shown.length;
  return `${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

function are(count: number): string {
  return count === 1 ? "is" : "are";
}

function cut(text: string, most: number = LIMITS.issueTextCharacters): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}
