import type { DestinationNow } from "../../../src/contract/now.ts";
import { sentence } from "../parts/answers.tsx";
import { At, useClockMs } from "../parts/clock.tsx";
import { duration } from "../time.ts";

/** Why nothing is sent to a destination, and what ends that. `at`: the time of the answer, by the server's clock. */
export function HoldNote({ destination: { hold }, at }: { readonly destination: DestinationNow; readonly at: string }) {
  const nowMs = useClockMs();
  if (hold === null) return null;
  // By the server's own difference: this machine's clock may be another.
  const sinceSaidS = Math.max(0, (nowMs - Date.parse(at)) / 1_000);
  const leftS = hold.seconds === null ? null : Math.max(0, hold.seconds - Math.min(sinceSaidS, 15));
  return (
    <p class="hold">
      <strong>{sentence(hold.says)}</strong>
      {hold.note !== null && hold.note !== "" && <> “{hold.note}”</>}{" "}
      {hold.probeAt === null || leftS === null ? (
        "Until it is resumed."
      ) : (
        <>
          One request tries again {leftS < 1 ? "now" : `in ${duration(leftS)}`} (<At at={hold.probeAt} />
          ).
        </>
      )}
    </p>
  );
}
