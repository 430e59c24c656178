import { OTHER_TYPE, type SeenType } from "@sluice/queue";
import { unknownTypes, type SourceConfiguration } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";

/* A source's last days, today first, against its week before. The register holds types and their ends by day; fields are compared by samples (fields/). */
type Week = readonly (readonly SeenType[])[];

const TODAY = 0;
const YESTERDAY = 1;
/** Yesterday's weekday, a week before. */
const WEEK_BEFORE = 8;

/** A sentence where the source has fallen silent; null: it has not, or was never heard. */
export function silenceWarning(
  { silentAfterMs }: Pick<SourceConfiguration, "silentAfterMs">,
  week: Week,
  nowMs: number,
): string | null {
  const lastMs = Math.max(0, ...week.flat().map((seen) => seen.lastMs));
  if (lastMs === 0) return null;
  const last = `Its last event was understood at ${new Date(lastMs).toISOString()}`;
  if (silentAfterMs !== undefined) {
    return nowMs - lastMs >= silentAfterMs ? `${last}: \`silent_after\` is over.` : null;
  }
  const before = eventsOn(week, WEEK_BEFORE);
  const isSilent =
    eventsOn(week, TODAY) === 0 && eventsOn(week, YESTERDAY) === 0 && before >= LIMITS.silentAgainstEvents;
  return isSilent ? `${last}. A week ago it sent ${before} on the day that has passed without one.` : null;
}

/** The types that no row takes, the most frequent first; null: there are none. */
export function unknownOf(
  source: Pick<SourceConfiguration, "mappings" | "unmapped">,
  week: Week,
): { readonly types: readonly string[]; readonly events: number } | null {
  const unknown = unknownTypes(source, summed(week.slice(TODAY, WEEK_BEFORE - 1)));
  if (unknown.length === 0) return null;
  return {
    types: unknown.map(({ type }) => type),
    events: unknown.reduce((sum, { ignored }) => sum + ignored, 0),
  };
}

/** Types that the mapping took last week, and that it takes no more or that come no more. */
export function driftsOf(week: Week): readonly { readonly type: string; readonly says: string }[] {
  const lately = summed(week.slice(TODAY, YESTERDAY + 1));
  const isHeard = lately.length > 0;
  const types = new Set(week.flat().map(({ type }) => type));
  types.delete(OTHER_TYPE);
  return [...types].toSorted().flatMap((type) => {
    const earlier = summed(week.slice(YESTERDAY + 1)).find((seen) => seen.type === type);
    if (earlier === undefined || earlier.made < LIMITS.silentAgainstEvents) return [];
    const now = lately.find((seen) => seen.type === type);
    if (now !== undefined && now.made + now.duplicate === 0 && now.ignored >= LIMITS.driftEvents) {
      return [
        {
          type,
          says: `No row takes it since yesterday: ${now.ignored} were ignored, and ${earlier.made} made changes in the days before. Its content or the mapping has changed.`,
        },
      ];
    }
    const before = week[WEEK_BEFORE]?.find((seen) => seen.type === type);
    const isGone = isHeard && now === undefined && before !== undefined && total(before) >= LIMITS.silentAgainstEvents;
    if (!isGone) return [];
    return [
      {
        type,
        says: `None has come since yesterday began, and ${total(before)} did on the same weekday a week before, while other types of the source still come.`,
      },
    ];
  });
}

function eventsOn(week: Week, day: number): number {
  return (week[day] ?? []).reduce((sum, seen) => sum + total(seen), 0);
}

function total({ made, duplicate, ignored, dead }: SeenType): number {
  return made + duplicate + ignored + dead;
}

function summed(days: Week): readonly SeenType[] {
  return [...Map.groupBy(days.flat(), ({ type }) => type)].map(([type, all]) => ({
    type,
    made: all.reduce((sum, each) => sum + each.made, 0),
    duplicate: all.reduce((sum, each) => sum + each.duplicate, 0),
    ignored: all.reduce((sum, each) => sum + each.ignored, 0),
    dead: all.reduce((sum, each) => sum + each.dead, 0),
    lastMs: Math.max(...all.map(({ lastMs }) => lastMs)),
  }));
}
