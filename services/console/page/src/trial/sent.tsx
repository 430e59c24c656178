import type { SentTrial } from "../../../src/contract/trial.ts";
import { ChangeSection } from "../events/change-section.tsx";
import { hasOpen, useTrace } from "../events/trace.ts";
import { Way } from "../events/way.tsx";
import { Failure } from "../parts/answers.tsx";
import { Gaps } from "../parts/gaps.tsx";
import { eventAddress } from "../parts/names.tsx";
import { OUTCOME_WORDS, OutcomeState } from "../parts/outcome.tsx";
import { Section } from "../parts/view.tsx";
import { useHasHistory } from "../session.ts";

/** The way of the events that were sent, up to the answer of their destination. */
export function SentEvents({ sent }: { readonly sent: SentTrial }) {
  return (
    <>
      {sent.events.map(({ ref, id }) => (
        <OneSent key={ref} delivery={ref} id={id} />
      ))}
    </>
  );
}

function OneSent({ delivery, id }: { readonly delivery: string; readonly id: string }) {
  const hasHistory = useHasHistory();
  const { data, error, refetch } = useTrace(delivery, { isAwaited: true, isOff: !hasHistory });
  if (!hasHistory) {
    return (
      <Section title="It is stored">
        <p class="soft">
          No history is kept that could tell its way. <a href="/">Now</a> counts it, and the records that it would write
          are linked above.
        </p>
      </Section>
    );
  }
  const link = (
    <a href={eventAddress(delivery)} class="code">
      {id}
    </a>
  );
  return (
    <Section title="On its way" says={link}>
      {data === undefined && error !== null && error.code !== "event_unknown" && (
        <Failure fault={error} again={refetch} />
      )}
      {data === undefined && (error === null || error.code === "event_unknown") && (
        <p class="soft" role="status">
          It is stored. A worker understands it, and the history tells of it a second or two later …
        </p>
      )}
      {data !== undefined && (
        <>
          <p role="status">
            <OutcomeState outcome={data.event.outcome} />: {OUTCOME_WORDS[data.event.outcome].says}
            {hasOpen(data) && " …"}
          </p>
          <Way steps={data.steps} />
          <Gaps gaps={data.gaps} />
          {data.changes.map((change) => (
            <ChangeSection key={JSON.stringify(change.record)} change={change} />
          ))}
        </>
      )}
    </Section>
  );
}
