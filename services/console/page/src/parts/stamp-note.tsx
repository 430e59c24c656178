import type { EventStamp } from "../../../src/contract/event.ts";
import type { ShownStampJson } from "../../../src/contract/record.ts";
import { Ago } from "./clock.tsx";

/** A change's place in the order of its record, as far as it decides something. */
export function StampNote({ stamp: { version, source, rank, arrivedAt } }: { readonly stamp: ShownStampJson }) {
  return (
    <span class="soft">
      version <code>{version}</code> of {source ?? `the source of rank ${rank + 1}`}
      {arrivedAt !== null && (
        <>
          , came in <Ago at={arrivedAt} />
        </>
      )}
    </span>
  );
}

/** The same of a change that the history has: as far as it decides something. */
export function EventStampText({ stamp: { version, versionKind, finer, run } }: { readonly stamp: EventStamp }) {
  return (
    <span class="soft">
      {versionKind === "arrival" ? (
        "in the order of arrival"
      ) : (
        <>
          version <code>{version}</code>
        </>
      )}
      {finer !== null && (
        <>
          , finer time <code>{finer}</code>
        </>
      )}
      {run > 0 && `, replay ${run}`}
    </span>
  );
}
