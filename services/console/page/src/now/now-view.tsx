import type { ComponentChildren } from "preact";
import { bytes, count, countWithNoun, rate } from "../figures.ts";
import { useNow } from "../live-updates.tsx";
import { Empty, Failure, Waiting } from "../parts/answers.tsx";
import { Section, View } from "../parts/view.tsx";
import { useSession } from "../session.ts";
import { duration } from "../time.ts";
import { BooksView } from "./books.tsx";
import { Charts } from "./charts.tsx";
import { DestinationStatus } from "./destination-status.tsx";
import type { Now } from "../../../src/contract/now.ts";

/** The fleet at this moment. */
export function NowView() {
  const { now, error, isLive, refetch } = useNow();
  if (now === undefined) {
    return <View title="Now">{error === null ? <Waiting /> : <Failure fault={error} again={refetch} />}</View>;
  }
  return (
    <View
      named="Now"
      title={<span class="headline">{now.headline}</span>}
      acts={
        <span class={isLive ? "live state good" : "live state"} role="status">
          {isLive ? "Live" : "Asked every 2 s"}
        </span>
      }
    >
      {error !== null && (
        <div class="offline">
          <Failure fault={error} />
        </div>
      )}
      <Figures now={now} />
      {now.intake.understood === 0 && now.intake.waitingWebhooks === 0 ? <FirstSteps /> : <Charts now={now} />}
      <Section title="Destinations" says={<a href="/destinations">Quota, shares and outcomes</a>}>
        <ul class="lanes">
          {now.destinations.map((destination) => (
            <DestinationStatus key={destination.name} destination={destination} at={now.at} />
          ))}
        </ul>
      </Section>
      <Section title="Accounts">
        <BooksView />
      </Section>
      <Section title="Underneath">
        <Underneath now={now} />
      </Section>
    </View>
  );
}

function Figures({ now: { totals, intake } }: { readonly now: Now }) {
  const letters = totals.deadLetters;
  return (
    <dl class="figures">
      <Figure name="Accepted" of={`${rate(totals.acceptedPerSecond)} changes/s`}>
        {count(totals.accepted)}
      </Figure>
      <Figure name="Applied" of={`${rate(totals.endedPerSecond)} ended/s`}>
        {count(totals.applied)}
      </Figure>
      <Figure
        name="Waiting"
        of={intake.oldestSeconds === null ? "webhooks" : `webhooks, oldest ${duration(intake.oldestSeconds)}`}
      >
        {count(intake.waitingWebhooks)}
      </Figure>
      <Figure name="Pending" of={<a href="/records">records</a>}>
        {count(totals.pendingRecords)}
      </Figure>
      <Figure name="Oldest pending" of="since its first change">
        {totals.oldestPendingSeconds === null ? "–" : duration(totals.oldestPendingSeconds)}
      </Figure>
      <Figure name="Dead letters" of={<a href="/letters">{letters === 0 ? "none" : "by cause"}</a>}>
        <span class={letters > 0 ? "bad" : undefined}>{count(letters)}</span>
      </Figure>
    </dl>
  );
}

function Figure({
  name,
  of,
  children,
}: {
  readonly name: string;
  readonly of: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {children}
        <span class="of">{of}</span>
      </dd>
    </div>
  );
}

function FirstSteps() {
  const { sources } = useSession();
  const [source = "erp"] = sources;
  return (
    <div class="section">
      <Empty title="Send the first webhook">
        A sample of a sender of yours, signed as it would sign it, goes through the real door with
        <pre class="json">pnpm sluice send {source}</pre>
        or see first what a body would become: <a href={`/try?source=${encodeURIComponent(source)}`}>Try</a>.
      </Empty>
    </div>
  );
}

function Underneath({ now: { intake, redis, workers } }: { readonly now: Now }) {
  const budget = redis.budgetBytes === null ? ", without a budget" : ` of ${bytes(redis.budgetBytes)}`;
  return (
    <dl class="facts">
      <dt>Workers</dt>
      <dd>{workers === 0 ? <span class="bad">none</span> : count(workers)}</dd>
      <dt>Intake</dt>
      <dd>
        {countWithNoun(intake.understood, "event")} understood, {rate(intake.understoodPerSecond)}/s:{" "}
        {count(intake.made)} made changes, {count(intake.duplicate)} duplicate, {count(intake.ignored)} ignored,{" "}
        {count(intake.dead)} dead
        {intake.failedJobs > 0 && <span class="bad"> · {countWithNoun(intake.failedJobs, "job")} failed</span>}
      </dd>
      <dt>Redis</dt>
      <dd class={redis.isPressed ? "bad" : undefined}>
        {bytes(redis.usedBytes)}
        {budget}
      </dd>
    </dl>
  );
}
