import type { ShownStamp } from "../../../src/contract/record.ts";
import { Ago } from "./clock.tsx";

/** A change's place in the order of its record, as far as it decides something. */
export function Stamp({ stamp: { version, source, rank, arrivedAt } }: { readonly stamp: ShownStamp }) {
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
