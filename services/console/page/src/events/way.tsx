import type { EventTraceJson } from "../../../src/contract/event.ts";
import { sentence } from "../parts/answers.tsx";
import { At } from "../parts/clock.tsx";
import { RecordLink } from "../parts/names.tsx";
import { milliseconds, wholeTime } from "../time.ts";

type Step = EventTraceJson["steps"][number];

const TONES: Partial<Record<Step["what"], string>> = { waits: "warn", held: "warn" };

/** The steps of an event in the order of time: the first with its time of day, the others with how long after it they came. */
export function Way({ steps }: { readonly steps: readonly Step[] }) {
  const [first] = steps;
  if (first === undefined) return null;
  const records = new Set(steps.map(({ record }) => JSON.stringify(record)));
  // With one record alone its name is in the head of its section.
  const isManifold = records.size > 2;
  return (
    <ol class="way">
      {steps.map((step, place) => (
        <li key={`${step.at} ${place}`} class={TONES[step.what]}>
          {step === first ? (
            <At at={step.at} />
          ) : (
            <time datetime={step.at} title={wholeTime(step.at)}>
              + {milliseconds(Date.parse(step.at) - Date.parse(first.at))}
            </time>
          )}
          <div>
            {sentence(step.text)}
            {isManifold && step.record !== null && (
              <>
                {" "}
                <RecordLink record={step.record} />
              </>
            )}
            {step.tookMs !== null && step.what !== "understood" && (
              <span class="soft"> It took {milliseconds(step.tookMs)}.</span>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}
