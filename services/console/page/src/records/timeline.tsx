import type { TimelineEntryJson } from "../../../src/contract/event.ts";
import { useList } from "../api/questions.ts";
import { Failure, sentence, Waiting } from "../parts/answers.tsx";
import { At } from "../parts/clock.tsx";
import { FlightDetails } from "../parts/flight.tsx";
import { Value } from "../parts/json-text.tsx";
import { More } from "../parts/more.tsx";
import { EventSentence } from "../parts/names.tsx";
import { Section } from "../parts/view.tsx";
import { useHasHistory } from "../session.ts";

const EVERY_MS = 5_000;

type TimelineProps = {
  readonly path: { readonly destination: string; readonly object: string; readonly key: string };
  readonly by: "external_id" | "name";
};

/** The changes that came in for a record, the attempts to write it, and what people did with it; the newest first. */
export function Timeline({ path, by }: TimelineProps) {
  const hasHistory = useHasHistory();
  const list = useList("getTimeline", { path, query: { by } }, { isOff: !hasHistory, everyMs: EVERY_MS });
  // The fields say already that nothing is kept.
  if (!hasHistory) return null;
  return (
    <Section title="Time line" says="The newest first">
      {list.error !== null && <Failure fault={list.error} again={list.again} />}
      {list.isPending && <Waiting />}
      <ol class="way">
        {list.items.map((entry, place) => (
          <Entry key={`${entry.at} ${entry.event?.ref ?? entry.flight?.ref ?? place}`} entry={entry} />
        ))}
      </ol>
      <More list={list} />
    </Section>
  );
}

function Entry({ entry: { at, what, text, event, flight, fields } }: { readonly entry: TimelineEntryJson }) {
  if (flight !== null) {
    return (
      <li class={flight.verdict === "buried" ? "bad" : undefined}>
        <At at={at} />
        <FlightDetails flight={flight} isTimed={false} />
      </li>
    );
  }
  return (
    <li class={what === "act" ? "warn" : "change"}>
      <At at={at} />
      <div>
        <p>
          <EventSentence text={sentence(text)} event={event} />
        </p>
        <ul class="set">
          {fields.map(({ field, value }) => (
            <li key={field}>
              <span class="soft">{field}</span> <Value value={value} />
            </li>
          ))}
        </ul>
      </div>
    </li>
  );
}
