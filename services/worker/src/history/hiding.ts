import type { Configuration, SourceConfiguration } from "@sluice/runtime";

/** The parts of flights that the history leaves out, because of the sources' `redact`. */
export type Hiding = {
  /** Whether what is sent for a source may hold such a value. A source that is not configured any more may have had `redact`. */
  readonly source: (name: string) => boolean;
  /** Whether an answer about such a record may repeat such a value: a destination shows all of a record, whoever wrote it. */
  readonly answers: (destination: string, object: string) => boolean;
};

/** Hides by the configuration as it is now. */
export function hidingIn(configuration: () => Pick<Configuration, "sources">): Hiding {
  const known = new WeakMap<Configuration["sources"], ReadonlySet<string>>();
  const objects = (): ReadonlySet<string> => {
    const { sources } = configuration();
    let written = known.get(sources);
    if (written === undefined) known.set(sources, (written = writtenBy([...sources.values()].filter(hasRedact))));
    return written;
  };
  return {
    source(name) {
      const source = configuration().sources.get(name);
      return source === undefined || hasRedact(source);
    },
    answers: (destination, object) => objects().has(recordsOf(destination, object)),
  };
}

export function hasRedact({ redact = [] }: SourceConfiguration): boolean {
  return redact.length > 0;
}

function writtenBy(sources: readonly SourceConfiguration[]): ReadonlySet<string> {
  return new Set(
    sources.flatMap(({ mappings }) => mappings.map(({ destination, object }) => recordsOf(destination, object))),
  );
}

function recordsOf(destination: string, object: string): string {
  return `${destination} ${object}`;
}
