import { useRoute } from "preact-iso";
import type { Reconcile } from "../../../src/contract/reconcile.ts";
import { useAnswer } from "../api/questions.ts";
import { count, countWithNoun } from "../figures.ts";
import { Answered, Empty, sentence } from "../parts/answers.tsx";
import { Ago } from "../parts/clock.tsx";
import { View } from "../parts/view.tsx";
import { Findings } from "./findings.tsx";
import { ReconcileActs } from "./reconcile-acts.tsx";
import { foundIn, ReconcileState } from "./reconcile-state.tsx";

const MOVING_MS = 1_000;

/** One reconcile: how far it is, and what it has found. */
export function ReconcileView() {
  const { id } = useRoute().params as { id: string };
  const answer = useAnswer(
    "getReconcile",
    { path: { id } },
    { everyMs: (found) => (found?.state === "running" ? MOVING_MS : false) },
  );
  const isUnknown = answer.error?.code === "reconcile_unknown" && answer.data === undefined;
  return (
    <View
      title={answer.data === undefined ? "Reconcile" : `Reconcile ${answer.data.destination}`}
      trail={<a href="/reconciles">Reconciles</a>}
      says={answer.data === undefined ? undefined : <Head reconcile={answer.data} />}
      acts={answer.data === undefined ? undefined : <ReconcileActs reconcile={answer.data} />}
    >
      {isUnknown ? (
        <Empty title="There is no such reconcile any more">
          It was forgotten after a week. Who asked for it is in the <a href="/audit">audit log</a>.
        </Empty>
      ) : (
        <Answered answer={answer}>{(reconcile) => <Shown reconcile={reconcile} />}</Answered>
      )}
    </View>
  );
}

function Head({ reconcile: { state, by, startedAt, object, sample, repair } }: { readonly reconcile: Reconcile }) {
  return (
    <>
      <ReconcileState state={state} />{" "}
      <span>
        · by {by}, <Ago at={startedAt} />
        {object !== null && `, object ${object}`}
        {sample !== null && `, ${countWithNoun(sample, "record")} by chance`}
        {repair && ", with a repair"}
      </span>
    </>
  );
}

function Shown({ reconcile }: { readonly reconcile: Reconcile }) {
  const { state, error, report } = reconcile;
  return (
    <>
      {error !== null && (
        <div class="note bad" role="alert">
          <p>
            <strong>{sentence(error.message)}</strong>
          </p>
          <p>{sentence(error.hint)}</p>
        </div>
      )}
      {state === "running" && <Progress reconcile={reconcile} />}
      {report !== null && <Numbers report={report} />}
      {report !== null && state === "done" && foundIn(report) === 0 && (
        <Empty title="Nothing was found">All that could be compared is as it was confirmed.</Empty>
      )}
      {report !== null && <Findings report={report} />}
    </>
  );
}

const STAGES: Readonly<Record<Reconcile["stage"], string>> = {
  doubtful: "Comparing doubtful records",
  reading: "Looking through the history",
  comparing: "Comparing",
  again: "Looking once more at what was on its way, and at what was repaired",
};

const WAITS: Readonly<Record<NonNullable<Reconcile["waitsFor"]>, string>> = {
  destination: "the destination is held, or has enough to write: that goes first",
  backfill: "a replay or a backfill goes first",
  redis: "Redis is too full for more: it goes on when there is room",
  dead_letters: "the dead letters of its source leave no room for more: mend or discard some",
};

function Progress({ reconcile: { stage, waitsFor } }: { readonly reconcile: Reconcile }) {
  return (
    <div class="note" role="status">
      <p>
        <strong>{STAGES[stage]}</strong>
      </p>
      {waitsFor !== null && <p>{sentence(WAITS[waitsFor])}</p>}
      <p style={{ marginTop: ".5rem" }}>
        <progress aria-label="Progress" />
      </p>
    </div>
  );
}

const SKIPPED: Readonly<Record<keyof NonNullable<Reconcile["report"]>["skipped"], string>> = {
  pending: "on their way",
  dead: "have a dead letter",
  unknown: "not known",
  unasked: "can’t be asked for",
};

function Numbers({ report }: { readonly report: NonNullable<Reconcile["report"]> }) {
  const { found, skipped } = report;
  const why = Object.entries(SKIPPED).flatMap(([name, says]) => {
    const many = skipped[name as keyof typeof skipped];
    return many === 0 ? [] : [`${count(many)} ${says}`];
  });
  return (
    <dl class="figures section">
      <div>
        <dt>Compared</dt>
        <dd>
          {count(report.compared)}
          <span class="of">{count(report.same)} as confirmed</span>
        </dd>
      </div>
      <div>
        <dt>Missing</dt>
        <dd>{count(found.missing)}</dd>
      </div>
      <div>
        <dt>Different</dt>
        <dd>
          {count(found.different)}
          <span class="of">
            {count(report.editedThere)} edited there, {count(report.doubtful)} doubtful
          </span>
        </dd>
      </div>
      {found.returned > 0 && (
        <div>
          <dt>Deleted, and there again</dt>
          <dd>{count(found.returned)}</dd>
        </div>
      )}
      <div>
        <dt>Mended</dt>
        <dd>
          {count(report.repairs.mended)}
          {report.repairs.asked > 0 && <span class="of">{count(report.repairs.asked)} are being written</span>}
        </dd>
      </div>
      <div>
        <dt>Not compared</dt>
        <dd>
          {count(Object.values(skipped).reduce((sum, each) => sum + each, 0))}
          {why.length > 0 && <span class="of">{why.join(", ")}</span>}
          {report.unknownFields > 0 && <span class="of">{countWithNoun(report.unknownFields, "field")} not known</span>}
        </dd>
      </div>
    </dl>
  );
}
