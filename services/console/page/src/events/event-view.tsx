import { useRoute } from "preact-iso";
import type { EventTraceJson } from "../../../src/contract/event.ts";
import type { ApiFault } from "../api/call.ts";
import { bytes, countWithNoun } from "../figures.ts";
import { Answered, Empty, Failure, sentence } from "../parts/answers.tsx";
import { At } from "../parts/clock.tsx";
import { Gaps } from "../parts/gaps.tsx";
import { JsonText } from "../parts/json-text.tsx";
import { EventLink } from "../parts/names.tsx";
import { NoHistory } from "../parts/no-history.tsx";
import { OUTCOME_WORDS, OutcomeState } from "../parts/outcome.tsx";
import { Section, View } from "../parts/view.tsx";
import { ChangeSection } from "./change-section.tsx";
import { useTrace } from "./trace.ts";
import { Way } from "./way.tsx";

/** One delivery of one event, from the door to its outcome. */
export function EventView() {
  // Named otherwise than `ref`: the router makes a property of it, and that one is Preact's own.
  const { delivery: ref } = useRoute().params as { delivery: string };
  const answer = useTrace(ref);
  const event = answer.data?.event;
  return (
    <View
      named={event?.id ?? ref}
      title={<span class="code">{event?.id ?? ref}</span>}
      trail={<a href="/events">Events</a>}
      says={event === undefined ? undefined : <Head event={event} />}
      acts={event === undefined ? undefined : <Acts event={event} />}
    >
      {answer.error !== null && answer.data === undefined ? (
        <Missing name={ref} fault={answer.error} again={answer.refetch} />
      ) : (
        <Answered answer={answer}>{(trace) => <Shown trace={trace} />}</Answered>
      )}
    </View>
  );
}

type MissingProps = { readonly name: string; readonly fault: ApiFault; readonly again: () => unknown };

function Missing({ name, fault, again }: MissingProps) {
  const search = `/events?event=${encodeURIComponent(name)}`;
  if (fault.code === "event_ambiguous") {
    return (
      <Empty title="Several deliveries have this id">
        A sender repeats what it was not told to have arrived, and two senders may use one id.{" "}
        <a href={search}>All of them</a>
      </Empty>
    );
  }
  if (fault.code === "event_unknown") {
    return (
      <Empty title="The history does not have it">
        It may be older than what is kept, or have come in within the last second.{" "}
        <a href={search}>Search for its id</a>
      </Empty>
    );
  }
  return fault.code === "history_off" ? <NoHistory /> : <Failure fault={fault} again={again} />;
}

function Head({ event }: Pick<EventTraceJson, "event">) {
  return (
    <>
      {event.type === "" ? "An unreadable webhook" : event.type} of{" "}
      <a href={`/sources/${encodeURIComponent(event.source)}`}>{event.source}</a>, came in <At at={event.arrivedAt} />
      {event.run > 0 && `, understood again in replay ${event.run}`}
      <br />
      <OutcomeState outcome={event.outcome} />: {OUTCOME_WORDS[event.outcome].says}
    </>
  );
}

function Acts({ event: { source, ref, id } }: Pick<EventTraceJson, "event">) {
  return (
    <>
      <a class="button" href={`/try?${new URLSearchParams({ source, event: ref }).toString()}`}>
        Try it, or send it again
      </a>
      <a class="button" href={`/replays?${new URLSearchParams({ source, event: id }).toString()}`}>
        Replay it
      </a>
    </>
  );
}

function Shown({ trace }: { readonly trace: EventTraceJson }) {
  const { event, deliveries, changes, faults, steps, gaps } = trace;
  return (
    <>
      <Way steps={steps} />
      <Gaps gaps={gaps} />
      {changes.map((change) => (
        <ChangeSection key={JSON.stringify(change.record)} change={change} />
      ))}
      {faults.length > 0 && (
        <Section title="Rows of the mapping that failed">
          {faults.map((fault) => (
            <div class="note bad" key={fault.place}>
              <p>
                <strong>{sentence(fault.message)}</strong>
              </p>
              <p>
                <code>{fault.place}</code> <code>{fault.expression}</code>
              </p>
              <a href={`/letters?source=${encodeURIComponent(event.source)}`}>Mend it in its dead letter</a>
            </div>
          ))}
        </Section>
      )}
      {event.outcome === "ignored" && (
        <p class="section soft">
          No row of the mapping wants it.{" "}
          <a href={`/sources/${encodeURIComponent(event.source)}`}>The rows of {event.source}</a>
        </p>
      )}
      <Webhook trace={trace} />
      {deliveries.length > 0 && (
        <Section title="Other deliveries of it">
          <ul>
            {deliveries.map((delivery) => (
              <li key={delivery.ref}>
                <EventLink event={delivery} /> <OutcomeState outcome={delivery.outcome} />
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function Webhook({ trace: { webhook } }: { readonly trace: EventTraceJson }) {
  if (webhook === null) return null;
  const size = `${bytes(webhook.bodyBytes)}${webhook.isCut ? ", cut" : ""}`;
  const others = webhook.events.length - 1;
  return (
    <Section title="The webhook" says={others > 0 ? `${size}, with ${countWithNoun(others, "other event")}` : size}>
      <details>
        <summary>
          <code>
            {webhook.method} {webhook.url}
            {webhook.query === "" ? "" : `?${webhook.query}`}
          </code>{" "}
          <span class="soft">and its {countWithNoun(webhook.headers.length, "header")}, without credentials</span>
        </summary>
        <dl class="facts headers">
          {webhook.headers.map(([name, value], place) => (
            <div key={`${name} ${place}`}>
              <dt class="code">{name}</dt>
              <dd class="code">{value}</dd>
            </div>
          ))}
        </dl>
      </details>
      <JsonText value={webhook.body} named="Body of the webhook" />
      {webhook.redacted.length > 0 && (
        <p class="soft">
          Not kept, as <code>redact</code> asks: <code>{webhook.redacted.join(", ")}</code>
        </p>
      )}
      {others > 0 && (
        <details>
          <summary>{countWithNoun(others, "other event")} of it</summary>
          <ul>
            {webhook.events.map((event) => (
              <li key={event.ref}>
                <EventLink event={event} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  );
}
