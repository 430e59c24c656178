import { describeGrade, findSender, identityWarnings, sampleEvents } from "@sluice/event";
import { rowPlace, shownField, type CompiledMapping } from "@sluice/record";
import { OTHER_TYPE, type SeenType } from "@sluice/queue";
import { configurationWarnings, type Configuration, type SourceConfiguration } from "@sluice/runtime";
import { Fault } from "../api/fault.ts";
import { route, type Route } from "../api/operation.ts";
import { OPERATIONS } from "../api/operations.ts";
import type { Source, SourceRowJson } from "../contract/source.ts";
import type { FieldWatch, TypeDrift } from "../fields/watch-fields.ts";
import { LIMITS } from "../limits.ts";
import { timeOf, type LiveState } from "../live-state.ts";
import { rounded } from "../now/destination-now.ts";
import { perSecond, type FleetSnapshot, type FleetWatch } from "../now/fleet-watch.ts";

export type SourceOptions = LiveState & { readonly watch: FleetWatch; readonly fields: Pick<FieldWatch, "drifts"> };

export function sourceRoutes({ queue, configuration, watch, clock, fields }: SourceOptions): readonly Route[] {
  const warningsOf = rememberWarnings();

  async function rows(current: Configuration, sources: readonly SourceConfiguration[]): Promise<readonly Row[]> {
    const names = sources.map(({ name }) => name);
    const nowMs = clock.nowMs();
    const [look, seen, today, warnings] = await Promise.all([
      watch.latest(),
      queue.intake.seenTypes(names, nowMs),
      queue.intake.seenTypes(names, nowMs, 1),
      warningsOf(current),
    ]);
    return sources.map((source) => {
      const types = seen.get(source.name) ?? [];
      const row = rowOf(source, look, watch.lately, { types, today: today.get(source.name) ?? [] });
      return { source, types, row: { ...row, warnings: [...row.warnings, ...(warnings.get(source.name) ?? [])] } };
    });
  }

  function configured(name: string): SourceConfiguration {
    const source = configuration().sources.get(name);
    if (source === undefined) throw new Fault("source_unknown", `there is no source "${name}"`);
    return source;
  }

  return [
    route(OPERATIONS.listSources, async () => {
      const current = configuration();
      const all = await rows(current, [...current.sources.values()]);
      return { sources: all.map(({ row }) => row) };
    }),
    route(OPERATIONS.getSource, async ({ path: { name = "" } }) => {
      const [found] = await rows(configuration(), [configured(name)]);
      const [drifts, used] = await Promise.all([fields.drifts(), queue.intake.usedSecrets.of(name)]);
      return wholeOf(found!, { drifts: drifts === null ? null : (drifts.get(name) ?? []), used });
    }),
    route(OPERATIONS.getSamples, async ({ path: { name = "" } }) => {
      const source = configured(name);
      const sample = findSender(source.scheme.name)?.sample;
      if (sample === undefined) return { samples: [] };
      const body = typeof sample.body === "string" ? sample.body : JSON.stringify(sample.body, null, 2);
      const [event] = sampleEvents(source.scheme, source.name);
      return { samples: [{ type: event?.type ?? "", body }] };
    }),
  ];
}

type Row = { readonly source: SourceConfiguration; readonly types: readonly SeenType[]; readonly row: SourceRowJson };

function rowOf(
  { name, scheme, secondFactor, rank, share, mappings }: SourceConfiguration,
  { intake }: FleetSnapshot,
  lately: readonly FleetSnapshot[],
  seen: { readonly types: readonly SeenType[]; readonly today: readonly SeenType[] },
): SourceRowJson {
  const lastMs = Math.max(...seen.types.map((each) => each.lastMs));
  const perMinute = perSecond(lately, LIMITS.latelyMs, (look) => look.intake.understood.get(name) ?? 0) * 60;
  return {
    name,
    scheme: scheme.name,
    grade: describeGrade(scheme, secondFactor),
    rank,
    share,
    path: `/webhooks/${name}`,
    lastEventAt: seen.types.length === 0 ? null : timeOf(lastMs),
    eventsPerMinute: lately.length < 2 ? null : rounded(perMinute),
    eventsToday: seen.today.reduce((sum, each) => sum + eventsOf(each), 0),
    understood: intake.understood.get(name) ?? 0,
    made: intake.results.get("made")?.get(name) ?? 0,
    duplicate: intake.results.get("duplicate")?.get(name) ?? 0,
    ignored: intake.results.get("ignored")?.get(name) ?? 0,
    dead: intake.results.get("dead")?.get(name) ?? 0,
    destinations: [...new Set(mappings.map(({ destination }) => destination))],
    warnings: identityWarnings(scheme),
  };
}

function eventsOf({ made, duplicate, ignored, dead }: SeenType): number {
  return made + duplicate + ignored + dead;
}

/** @param used by a secret's place, when it was last used (ms since 1970) */
function wholeOf(
  { source, types, row }: Row,
  { drifts, used }: { readonly drifts: readonly TypeDrift[] | null; readonly used: ReadonlyMap<number, number> },
): Source {
  const { secrets, mappings, fetch } = source;
  const [fetched] = mappings.flatMap((mapping) => mapping.fetch ?? []);
  return {
    ...row,
    secrets: secrets.map(({ number, notAfterMs }) => ({
      number,
      acceptedUntil: timeOf(notAfterMs),
      lastUsedAt: timeOf(used.get(number) ?? null),
    })),
    types: types
      .filter(({ type }) => type !== OTHER_TYPE)
      .map((seen) => ({
        type: seen.type,
        events: eventsOf(seen),
        dead: seen.dead,
        lastAt: timeOf(seen.lastMs),
        isWanted: seen.made + seen.duplicate + seen.dead > 0,
      })),
    fieldDrifts: drifts === null ? null : [...drifts],
    rows: mappings.map(shownRow),
    fetch: fetch === null || fetched === undefined ? null : { url: fetched.written.text, destination: fetch.name },
  };
}

function shownRow(mapping: CompiledMapping): Source["rows"][number] {
  const { key, when, destination, object, version, fields } = mapping;
  return {
    place: rowPlace(mapping),
    when: when?.text ?? null,
    destination,
    object,
    key: key.expression.text,
    version: version?.text ?? null,
    effect: fields === null ? "delete" : "fields",
    fields: (fields ?? []).map(({ field, expression }) => ({
      field: shownField(field),
      expression: expression.text,
    })),
  };
}

/** Warnings by source of things that the file hardly means. They stay the same for as long as the configuration does. */
function rememberWarnings(): (configuration: Configuration) => Promise<ReadonlyMap<string, readonly string[]>> {
  let of: Configuration | null = null;
  let warnings: Promise<ReadonlyMap<string, readonly string[]>> = Promise.resolve(new Map());
  return async (configuration) => {
    if (of !== configuration) {
      of = configuration;
      warnings = read(configuration);
      // A reading that failed is no answer for as long as the file stays.
      warnings.catch(() => (of = null));
    }
    return await warnings;
  };
}

async function read(configuration: Configuration): Promise<ReadonlyMap<string, readonly string[]>> {
  const all = await configurationWarnings("", configuration);
  const warnings = new Map<string, string[]>();
  for (const { place, message, allowed } of all) {
    const source = /^sources[.]([^.[]+)/.exec(place)?.[1] ?? "";
    const text = `${place}: ${message}${allowed === undefined ? "" : ` (allowed: ${allowed})`}`;
    warnings.set(source, [...(warnings.get(source) ?? []), text]);
  }
  return warnings;
}
