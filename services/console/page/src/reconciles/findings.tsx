import type { Reconcile } from "../../../src/contract/reconcile.ts";
import { countWithNoun } from "../figures.ts";
import { Value } from "../parts/json-text.tsx";
import { RecordLink } from "../parts/names.tsx";
import { Section } from "../parts/view.tsx";
import { foundIn } from "./reconcile-state.tsx";

type Report = NonNullable<Reconcile["report"]>;
type Finding = Report["findings"][number];

const FOUND: Readonly<Record<Finding["finding"], string>> = {
  missing: "is not there",
  different: "differs",
  returned: "was deleted, and is there again",
};

const REPAIRS: Readonly<Record<Finding["repair"], string | null>> = {
  none: null,
  asked: "is being written again",
  mended: "mended",
  blind: "left: it may be a newer write of Sluice’s own, which is forgotten",
  unknown: "left: none of the values that differ is known",
  returned: "left: a repair deletes nothing",
};

/** The records that are not as their destination has confirmed: each value that was confirmed, and the one that is there. */
export function Findings({ report }: { readonly report: Report }) {
  const { findings } = report;
  if (findings.length === 0) return null;
  const more = foundIn(report) - findings.length;
  return (
    <Section title="Found" says={more > 0 ? `The first; ${countWithNoun(more, "record")} more` : undefined}>
      <ul class="fields of-records">
        {findings.map((finding) => (
          <li key={JSON.stringify(finding.record)}>
            <div>
              <RecordLink record={finding.record} />
              <div class={finding.repair === "mended" ? "soft" : "warn"}>{FOUND[finding.finding]}</div>
            </div>
            <div class="values">
              {finding.fields.map(({ field, confirmed, found }) => (
                <div key={field}>
                  <span class="soft">{field}</span> <Value value={confirmed} />{" "}
                  <span class="soft">was confirmed, there is</span> <Value value={found} />
                </div>
              ))}
              {notesOf(finding).map((note) => (
                <div key={note} class="soft">
                  {note}
                </div>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function notesOf({ isEditedThere, isDoubtful, unknown, repair }: Finding): readonly string[] {
  const notes = [
    isEditedThere === true ? "edited there since Sluice wrote it last" : null,
    isDoubtful ? "doubtful: a write that had been given up was confirmed late" : null,
    unknown.length > 0 ? `not known: ${unknown.join(", ")}` : null,
    REPAIRS[repair],
  ];
  return notes.filter((note) => note !== null);
}
