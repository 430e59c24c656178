import type { ReplayPlan } from "../../../src/contract/replay.ts";
import { Value } from "../parts/json-text.tsx";
import { EventLink, RecordLink } from "../parts/names.tsx";
import { Section } from "../parts/view.tsx";

type Field = ReplayPlan["samples"][number]["fields"][number];

/** Records that would differ, as an example: each field before and after. */
export function Samples({ samples }: Pick<ReplayPlan, "samples">) {
  if (samples.length === 0) return null;
  return (
    <Section title="Samples" says="The first that were found">
      <ul class="fields">
        {samples.map((sample) => (
          <li key={JSON.stringify([sample.record, sample.event.ref])}>
            <div>
              <RecordLink record={sample.record} />
              {sample.effect === "delete" && <div class="warn">would be deleted</div>}
            </div>
            <div class="values">
              {sample.fields
                .filter(({ would }) => would !== "same")
                .map((field) => (
                  <FieldThen key={field.field} field={field} />
                ))}
              <Same fields={sample.fields} />
              <div>
                <span class="soft">by</span> <EventLink event={sample.event} />
              </div>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Same({ fields }: { readonly fields: readonly Field[] }) {
  const same = fields.filter(({ would }) => would === "same").map(({ field }) => field);
  return same.length === 0 ? null : <div class="soft">{same.join(", ")} as before</div>;
}

const STAYS: Partial<Record<Field["would"], string>> = {
  stale: "is older than what is there",
  dropped: "is not mapped any more, and stays",
};

function FieldThen({ field: { field, before, isBeforeKnown, after, would } }: { readonly field: Field }) {
  const stays = STAYS[would];
  const old = isBeforeKnown ? <Value value={before} /> : <span class="soft">nothing known</span>;
  return (
    <div>
      <span class="soft">{field}</span>{" "}
      {stays === undefined ? (
        <>
          <del>{old}</del> → <ins>{would === "cleared" ? "cleared" : <Value value={after} />}</ins>
        </>
      ) : (
        <>
          {would === "stale" ? <Value value={after} /> : old} <span class="soft">{stays}</span>
        </>
      )}
    </div>
  );
}
