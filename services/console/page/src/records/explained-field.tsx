import type { ComponentChildren } from "preact";
import type { ProvenanceJson, RecordTrace } from "../../../src/contract/event.ts";
import { countWithNoun } from "../figures.ts";
import { sentence } from "../parts/answers.tsx";
import { Ago } from "../parts/clock.tsx";
import { Value } from "../parts/json-text.tsx";
import { EventLink, EventSentence } from "../parts/names.tsx";
import { EventStampText } from "../parts/stamp-note.tsx";

export type Field = RecordTrace["fields"][number];
type Refused = Field["refused"][number];

/** Whether another value came in after the one that stands, and lost: where the standing one seems old, this is why. */
export function hasLostLater({ confirmed, pending, refused }: Field): boolean {
  const standing = confirmed ?? pending;
  return standing !== null && refused.some((each) => isLater(each, standing) && isOther(each, standing));
}

/** A field, explained: its value with the event that set it, what that replaced, and what was refused as older. */
export function ExplainedField({ field: explained }: { readonly field: Field }) {
  const { field, confirmed, pending, aside, replaced, refused } = explained;
  const standing = confirmed ?? pending;
  return (
    <li>
      <h3 class="code">{field}</h3>
      <div class="values">
        {pending !== null && (
          <Held provenance={pending}>
            <span class={aside === null ? "state under-way" : "state bad"}>
              {aside === null ? "pending" : "refused by the destination"}
            </span>
          </Held>
        )}
        {pending === null && aside !== null && (
          <Held provenance={aside}>
            <span class="state bad">refused by the destination</span>
          </Held>
        )}
        {confirmed !== null && (
          <Held provenance={confirmed}>
            <span class="state good">confirmed</span>
          </Held>
        )}
        {confirmed === null && pending === null && aside === null && (
          <span class="soft">No version of it is known: the next event that names it is written.</span>
        )}
        {refused.length > 0 && (
          <details open={hasLostLater(explained) || standing === null}>
            <summary>{countWithNoun(refused.length, "value")} lost against a newer version</summary>
            <ul>
              {refused.map((each) => (
                <Lost key={keyOf(each)} lost={each} isLate={standing !== null && isLater(each, standing)} />
              ))}
            </ul>
          </details>
        )}
        {replaced.length > 0 && (
          <details>
            <summary>{countWithNoun(replaced.length, "earlier value")}</summary>
            <ul>
              {replaced.map((earlier) => (
                <li key={keyOf(earlier)}>
                  <Held provenance={earlier} />
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </li>
  );
}

function Held({
  provenance,
  children,
}: {
  readonly provenance: ProvenanceJson;
  readonly children?: ComponentChildren;
}) {
  const { event, stamp, mapping, confirmedAt } = provenance;
  return (
    <div>
      <Known provenance={provenance} /> {children}
      <div>
        <span class="soft">set by</span> <EventLink event={event} />
      </div>
      <div>
        <EventStampText stamp={stamp} />
        <span class="soft">
          {mapping !== null && (
            <>
              , by <code>{mapping}</code>
            </>
          )}
          {confirmedAt !== null && (
            <>
              , confirmed <Ago at={confirmedAt} />
            </>
          )}
        </span>
      </div>
    </div>
  );
}

function Lost({ lost, isLate }: { readonly lost: Refused; readonly isLate: boolean }) {
  const { event, was, because } = lost;
  return (
    <li>
      <Known provenance={lost} />{" "}
      <span class={isLate ? "state warn" : "state"}>
        {was === "stale" ? "older than what was there" : "overtaken before it was sent"}
      </span>
      <div>
        <span class="soft">brought by</span> <EventLink event={event} />
      </div>
      <div>
        <EventSentence text={sentence(because.text)} event={because.event} />
      </div>
    </li>
  );
}

function Known({ provenance: { value, isKnown } }: { readonly provenance: ProvenanceJson }) {
  return (
    <span class="value">{isKnown ? <Value value={value} /> : <span class="soft">its value is not kept</span>}</span>
  );
}

function isLater(one: ProvenanceJson, other: ProvenanceJson): boolean {
  return (one.event.arrivedAt ?? "") > (other.event.arrivedAt ?? "");
}

function isOther(one: ProvenanceJson, other: ProvenanceJson): boolean {
  return !one.isKnown || !other.isKnown || JSON.stringify(one.value) !== JSON.stringify(other.value);
}

function keyOf({ event, stamp }: ProvenanceJson): string {
  return JSON.stringify([event.ref, event.id, stamp]);
}
