import type { Registry } from "prom-client";
import type { History } from "@sluice/history";
import { INTAKE, isOfRecord, type DeadLetter, type Filing, type Queue } from "@sluice/queue";
import { counter, type Configuration, type Log } from "@sluice/runtime";
import { hidingIn } from "./hiding.ts";

export type FilingPlace = {
  /** Null: no history is kept, and letters stay in Redis. */
  readonly place: { readonly history: History } | null;
  readonly registry: Registry;
  readonly queue: Pick<Queue, "letters">;
  readonly configuration: () => Configuration;
  readonly log: Log;
};

/** Lets dead letters leave for the history, where one is kept: those that may stand there. */
export function fileLetters({ place, registry, queue, configuration, log }: FilingPlace): Filing {
  const filed = counter(registry, "sluice_dead_letters_filed_total");
  const dropped = counter(registry, "sluice_dead_letters_dropped_total");
  if (place === null) return { close() {} };
  return queue.letters.file({
    archive: place.history.letters,
    mayFile: mayFileIn(configuration),
    onFiled: (letters) => filed.inc(letters),
    onDropped(counts) {
      for (const { day, source, letters } of counts) {
        dropped.inc({ source }, letters);
        log.warn(
          { component: "letters", day, source, letters },
          "dead letters were dropped with a day of the history: they can't be replayed any more",
        );
      }
    },
    onError: (error) => log.warn({ component: "letters", err: error }, `not filed: ${error.message}`),
  });
}

/** Nothing of a source with `redact` gets into the history, nor an answer that may repeat its values. */
export function mayFileIn(configuration: () => Pick<Configuration, "sources">): {
  source(name: string): boolean;
  letter(letter: DeadLetter): boolean;
} {
  const hiding = hidingIn(configuration);
  const redacts = (): boolean => [...configuration().sources.values()].some(({ redact = [] }) => redact.length > 0);
  // Nobody can say whose webhooks are in a job that can't be read.
  const maySource = (name: string): boolean => (name === "" ? !redacts() : !hiding.source(name));
  return {
    source: maySource,
    letter(letter) {
      const { destination, object, events } = letter;
      if (isOfRecord(letter) && hiding.answers(destination, object)) return false;
      if (events.length === 0) return maySource(destination === INTAKE && object !== "job" ? object : "");
      return events.every(({ source }) => maySource(source));
    },
  };
}
