import { useLocation } from "preact-iso";
import { useState } from "preact/hooks";
import type { Reconcile } from "../../../src/contract/reconcile.ts";
import { useChange, useList } from "../api/questions.ts";
import { count, countWithNoun } from "../figures.ts";
import { Empty, Failure, Waiting } from "../parts/answers.tsx";
import { Ago } from "../parts/clock.tsx";
import { More } from "../parts/more.tsx";
import { NoHistory } from "../parts/no-history.tsx";
import { useQueryPart } from "../parts/query.ts";
import { Section, View } from "../parts/view.tsx";
import { useHasHistory, useMayOperate, useSession } from "../session.ts";
import { foundIn, ReconcileState } from "./reconcile-state.tsx";

const EVERY_MS = 3_000;

/** Reconciles, and the beginning of one. */
export function ReconcilesView() {
  const hasHistory = useHasHistory();
  return hasHistory ? (
    <All />
  ) : (
    <View title="Reconcile">
      <NoHistory />
    </View>
  );
}

function All() {
  const mayOperate = useMayOperate();
  const list = useList("listReconciles", {}, { everyMs: EVERY_MS });
  return (
    <View
      title="Reconcile"
      says="Whether a destination shows what it has confirmed: records that were deleted, edited or put back there."
    >
      {mayOperate && <Begin />}
      {list.error !== null && <Failure fault={list.error} again={list.again} />}
      {list.isPending && <Waiting />}
      {!list.isPending && list.error === null && list.items.length === 0 && (
        <Empty title="No reconcile yet">
          It reads records back, a hundred at a time and behind everything else, and compares them with the last values
          that their destination confirmed. Nothing is written unless you ask for it afterwards.
        </Empty>
      )}
      {list.items.length > 0 && <Reconciles reconciles={list.items} />}
      <More list={list} />
    </View>
  );
}

function Begin() {
  const { route } = useLocation();
  const { destinations } = useSession();
  const [query] = useQueryPart();
  const [name, setName] = useState(query["destination"] ?? destinations[0]?.name ?? "");
  const [object, setObject] = useState("");
  const [sample, setSample] = useState("");
  const begin = useChange("beginReconcile", ({ id }) => route(`/reconciles/${encodeURIComponent(id)}`));
  const objects = destinations.find((each) => each.name === name)?.objects ?? [];
  return (
    <form
      class="begin"
      onSubmit={(event) => {
        event.preventDefault();
        const some = sample === "" ? {} : { sample: Number(sample) };
        begin.mutate({ body: { destination: name, ...(object === "" ? {} : { object }), ...some } });
      }}
    >
      <div class="filters">
        <label>
          <span class="label">Destination</span>
          <select
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value);
              setObject("");
            }}
          >
            {destinations.map((each) => (
              <option key={each.name}>{each.name}</option>
            ))}
          </select>
        </label>
        <label>
          <span class="label">Object</span>
          <select value={object} onChange={(event) => setObject(event.currentTarget.value)}>
            <option value="">all</option>
            {objects.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label>
          <span class="label">A sample of</span>
          <input
            type="number"
            min={1}
            max={10_000_000}
            placeholder="all records"
            value={sample}
            onInput={(event) => setSample(event.currentTarget.value)}
          />
        </label>
        <div>
          <button class="main" disabled={begin.isPending || name === ""}>
            {begin.isPending ? "Beginning …" : "Compare"}
          </button>
        </div>
      </div>
      {begin.error !== null && <Failure fault={begin.error} />}
    </form>
  );
}

function Reconciles({ reconciles }: { readonly reconciles: readonly Reconcile[] }) {
  return (
    <Section title="Reconciles">
      <table class="stacks">
        <thead>
          <tr>
            <th scope="col">Of</th>
            <th scope="col">State</th>
            <th scope="col">Found</th>
            <th scope="col">By</th>
            <th scope="col">Begun</th>
          </tr>
        </thead>
        <tbody>
          {reconciles.map(({ id, destination, object, state, report, repair, by, startedAt }) => (
            <tr key={id}>
              <td>
                <a href={`/reconciles/${encodeURIComponent(id)}`}>
                  {object === null ? destination : `${destination}/${object}`}
                </a>
              </td>
              <td data-label="State">
                <ReconcileState state={state} />
              </td>
              <td data-label="Found">
                {report === null
                  ? "nothing yet"
                  : `${count(foundIn(report))} of ${countWithNoun(report.compared, "record")}`}
                {report !== null && repair && `, ${count(report.repairs.mended)} mended`}
              </td>
              <td data-label="By" class="figure">
                {by}
              </td>
              <td data-label="Begun" class="figure">
                <Ago at={startedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
