import type { RecordRowJson } from "../../../src/contract/record.ts";
import { useNow } from "../live-updates.tsx";
import { Ago } from "../parts/clock.tsx";

/** Where a record is in the line. */
export function RecordStateMark({ record: { destination, state, dueAt } }: { readonly record: RecordRowJson }) {
  const { now } = useNow();
  const isHeld = now?.destinations.some((each) => each.name === destination && each.state === "held") === true;
  switch (state) {
    case "quiet":
      return <span class="state good">up to date</span>;
    case "due":
      return isHeld ? (
        <span class="state warn">waits: {destination} is held</span>
      ) : (
        <span class="state under-way">due</span>
      );
    case "waiting":
      return (
        <span class="state under-way">
          <span>
            waits
            {dueAt !== null && (
              <>
                , due <Ago at={dueAt} />
              </>
            )}
          </span>
        </span>
      );
    case "flying":
      return <span class="state under-way">under way</span>;
    case "parked":
      return <span class="state warn">parked</span>;
    case "dead":
      return <span class="state bad">dead letter</span>;
  }
}
