import { useList } from "../api/questions.ts";
import { useClockMs } from "../parts/clock.tsx";
import { useHasHistory } from "../session.ts";
import { distance } from "../time.ts";

/** The last events of a source, to begin a trial with one. Without a history there are none to choose from. */
export function EventPicker({ source, onPick }: { readonly source: string; readonly onPick: (ref: string) => void }) {
  const hasHistory = useHasHistory();
  const list = useList("findEvents", { query: { source, limit: 25 } }, { isOff: !hasHistory });
  const nowMs = useClockMs();
  return (
    <label>
      <span class="label">Or with an event of the past</span>
      <select value="" disabled={list.items.length === 0} onChange={(event) => onPick(event.currentTarget.value)}>
        <option value="">
          {!hasHistory
            ? "no history is kept"
            : list.items.length > 0
              ? "choose …"
              : list.isPending
                ? "asking …"
                : "none has come in"}
        </option>
        {list.items.map(({ ref, id, type, arrivedAt }) => (
          <option key={ref} value={ref}>
            {id}, {type}, {distance(arrivedAt, nowMs)}
          </option>
        ))}
      </select>
    </label>
  );
}
