import type { EventNameJson } from "../../../src/contract/event.ts";
import type { RecordNameJson } from "../../../src/contract/shape.ts";
import { Ago } from "./clock.tsx";

export function recordAddress({ destination, object, by, key }: RecordNameJson): string {
  const path = [destination, object, key].map(encodeURIComponent).join("/");
  return `/records/${path}${by === "name" ? "?by=name" : ""}`;
}

/** `crm/customer/4711`, and the way there. */
export function RecordLink({ record }: { readonly record: RecordNameJson }) {
  return (
    <a href={recordAddress(record)} class="code">
      {record.destination}/<wbr />
      {record.object}/<wbr />
      {record.key}
    </a>
  );
}

export function eventAddress(ref: string): string {
  return `/events/${encodeURIComponent(ref)}`;
}

/** An event by its sender's id, its type and source, and the way to its trace where the history has it. */
export function EventLink({ event: { ref, id, type, source, arrivedAt } }: { readonly event: EventNameJson }) {
  const name = id ?? ref;
  return (
    <span>
      {name === null ? (
        <span class="soft">an event that the history does not have</span>
      ) : ref === null ? (
        <span class="code">{name}</span>
      ) : (
        <a href={eventAddress(ref)} class="code">
          {name}
        </a>
      )}
      <span class="soft">
        {type !== null && type !== "" && ` ${type}`}
        {source !== null && ` of ${source}`}
        {arrivedAt !== null && (
          <>
            , came in <Ago at={arrivedAt} />
          </>
        )}
      </span>
    </span>
  );
}

/** A sentence of the history, in which the event's id leads to its trace. */
export function EventSentence({ text, event }: { readonly text: string; readonly event: EventNameJson | null }) {
  const { id, ref } = event ?? { id: null, ref: null };
  const at = id === null ? -1 : text.indexOf(id);
  if (id === null || ref === null || at < 0) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <a href={eventAddress(ref)} class="code">
        {id}
      </a>
      {text.slice(at + id.length)}
    </>
  );
}

/** Events by a sender's own id, of which the live state knows no more. */
export function EventsCalled({ id, source }: { readonly id: string; readonly source?: string }) {
  const query = new URLSearchParams({ event: id, ...(source === undefined ? {} : { source }) });
  return (
    <a href={`/events?${query.toString()}`} class="code">
      {id}
    </a>
  );
}
