import { shownVersion, type GivenTrial, type TriedChange, type TriedEvent } from "@sluice/operator";
import { finerMicrosOf, shownField, stampOf, type Explained } from "@sluice/record";
import type { Reply } from "@sluice/destination/zendesk";

/** The answer of a destination to the request of a change, where it was made. */
export type Answers = ReadonlyMap<TriedChange, Pick<Reply, "status" | "body">>;

/** `sluice try --json`: the verdict, and of each event the value of every expression, the faults, and the changes with their requests. */
export function trialJson({ signedBy, trial }: GivenTrial, answers: Answers): object {
  const { verdict, grade, unreadable, events } = trial;
  return { signedBy, verdict, grade, unreadable, events: events.map((each) => eventJson(each, answers)) };
}

function eventJson({ event, rows, mapped, changes }: TriedEvent, answers: Answers): object {
  const { id, type, time, thin = false, ...sees } = event;
  const place = { finerMicros: finerMicrosOf(event), arrival: mapped.arrival, run: mapped.run };
  return {
    id,
    type,
    time,
    isThin: thin,
    sees,
    rows: rows.map(({ explained, ...row }) => ({ ...row, steps: explained.map(stepJson) })),
    faults: mapped.faults.map(({ place: at, expression, code, message }) => ({ place: at, expression, code, message })),
    changes: changes.map((tried) => {
      const { destination, object, key, effect, version } = tried.change;
      return {
        record: { destination, object, by: key.by, key: key.value },
        effect: effect.kind,
        version: version === null ? null : shownVersion(stampOf(version, mapped.rank, place)),
        fields:
          effect.kind === "fields"
            ? Object.fromEntries([...effect.fields].map(([field, value]) => [shownField(field), value]))
            : {},
        request: tried.request,
        answer: answers.get(tried) ?? null,
      };
    }),
  };
}

function stepJson(step: Explained): object {
  const { member, text: expression } = step;
  if ("fault" in step) return { member, expression, yields: "fault", value: null, fault: step.fault };
  return {
    member,
    expression,
    yields: step.value === undefined ? "nothing" : "value",
    value: step.value ?? null,
    fault: null,
  };
}
