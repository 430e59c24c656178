import { useLocation } from "preact-iso";
import { useState } from "preact/hooks";
import type { Replay } from "../../../src/contract/replay.ts";
import { useChange, useList } from "../api/questions.ts";
import { filtersFromQuery, filterText } from "../events/filter.ts";
import { count, countWithNoun } from "../figures.ts";
import { Empty, Failure, Waiting } from "../parts/answers.tsx";
import { Ago } from "../parts/clock.tsx";
import { More } from "../parts/more.tsx";
import { NoHistory } from "../parts/no-history.tsx";
import { queryText, useQueryPart } from "../parts/query.ts";
import { Section, View } from "../parts/view.tsx";
import { useHasHistory, useMayOperate } from "../session.ts";
import { ReplayState } from "./replay-state.tsx";

const EVERY_MS = 3_000;

/** Replays, and the beginning of one: of the events that the address means. */
export function ReplaysView() {
  if (useHasHistory()) return <All />;
  return (
    <View title="Replay">
      <NoHistory />
    </View>
  );
}

function All() {
  const [query] = useQueryPart();
  const filter = filtersFromQuery(query);
  const isAsked = Object.keys(filter).length > 0;
  const list = useList("listReplays", {}, { everyMs: EVERY_MS });
  return (
    <View
      title="Replay"
      says="Past events, understood again under the mapping as it is now: first as a plan that says what would change."
    >
      {isAsked && <Begin filter={filter} />}
      {list.error !== null && <Failure fault={list.error} again={list.again} />}
      {list.isPending && <Waiting />}
      {!list.isPending && list.error === null && list.items.length === 0 && !isAsked && (
        <Empty title="No replay yet">
          A mapping was wrong, and is right now? Find the <a href="/events">events</a> that came in meanwhile, by
          source, type and time, and take “Replay these”. A plan says first which values would change. Each event keeps
          its version: an old one never overwrites a newer value.
        </Empty>
      )}
      {list.items.length > 0 && <Replays replays={list.items} />}
      <More list={list} />
    </View>
  );
}

function Begin({ filter }: { readonly filter: Readonly<Record<string, string>> }) {
  const { route } = useLocation();
  const mayOperate = useMayOperate();
  const [sendsUnchanged, setSendsUnchanged] = useState(false);
  const plan = useChange("planReplay", ({ id }) => route(`/replays/${encodeURIComponent(id)}`));
  return (
    <div class="note begin">
      <p>
        <strong>Replay {filterText(filter)}</strong>{" "}
        <a href={`/events${queryText(filter)}`}>The events that are meant</a>
      </p>
      {mayOperate ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            plan.mutate({ body: { filter, unchanged: sendsUnchanged ? "send" : "skip" } });
          }}
        >
          <label>
            <input
              type="checkbox"
              checked={sendsUnchanged}
              onChange={(event) => setSendsUnchanged(event.currentTarget.checked)}
            />{" "}
            Also what would be the same: for a destination that lost what was written there
          </label>
          {plan.error !== null && <Failure fault={plan.error} />}
          <div class="acts">
            <button class="main" disabled={plan.isPending}>
              {plan.isPending ? "Planning …" : "Plan it"}
            </button>
            <a class="button" href="/replays">
              Not these
            </a>
          </div>
        </form>
      ) : (
        <p>Planning a replay needs the role “operate”.</p>
      )}
    </div>
  );
}

function Replays({ replays }: { readonly replays: readonly Replay[] }) {
  return (
    <Section title="Replays">
      <table class="stacks">
        <thead>
          <tr>
            <th scope="col">Events</th>
            <th scope="col">State</th>
            <th scope="col">Plan</th>
            <th scope="col">By</th>
            <th scope="col">Begun</th>
          </tr>
        </thead>
        <tbody>
          {replays.map((replay) => (
            <tr key={replay.id}>
              <td>
                <a href={`/replays/${encodeURIComponent(replay.id)}`}>{filterText(replay.filter)}</a>
              </td>
              <td data-label="State">
                <ReplayState state={replay.state} />
              </td>
              <td data-label="Plan">
                {replay.plan === null
                  ? `${count(replay.looked.webhooks)} webhooks looked at`
                  : `${countWithNoun(replay.plan.events, "event")}, ${countWithNoun(replay.plan.written, "record")} would be written`}
              </td>
              <td data-label="By" class="figure">
                {replay.by}
              </td>
              <td data-label="Begun" class="figure">
                <Ago at={replay.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
