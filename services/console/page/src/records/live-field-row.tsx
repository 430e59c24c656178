import type { ShownRecord } from "../../../src/contract/record.ts";
import { Value } from "../parts/json-text.tsx";
import { StampNote } from "../parts/stamp-note.tsx";

type Field = ShownRecord["fields"][number];

/** A field as far as the live state knows it: confirmed values are not there, their versions are. */
export function LiveFieldRow({ field: { field, confirmed, pending, aside } }: { readonly field: Field }) {
  const refused = pending === null ? aside : null;
  return (
    <li>
      <h3 class="code">{field}</h3>
      <div class="values">
        {pending !== null && (
          <div>
            <span class="value">
              <Value value={pending.value} />
            </span>{" "}
            <span class={aside === null ? "state under-way" : "state bad"}>
              {aside === null ? "pending" : "refused by the destination"}
            </span>
            <div>
              <StampNote stamp={pending} />
            </div>
          </div>
        )}
        {refused !== null && (
          <div>
            <span class="value">
              <Value value={refused.value} />
            </span>{" "}
            <span class="state bad">refused by the destination</span>
            <div>
              <StampNote stamp={refused} />
            </div>
          </div>
        )}
        {confirmed !== null && (
          <div>
            <span class="state good">confirmed</span> <StampNote stamp={confirmed} />
          </div>
        )}
      </div>
    </li>
  );
}
