import type { ShownRecord } from "../../../src/contract/record.ts";
import { Value } from "../parts/json.tsx";
import { Stamp } from "../parts/stamp.tsx";

type Field = ShownRecord["fields"][number];

/** A field: the version that the destination confirmed, the value on its way, and the value refused by its name. */
export function FieldRow({ field: { field, confirmed, pending, aside } }: { readonly field: Field }) {
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
              <Stamp stamp={pending} />
            </div>
          </div>
        )}
        {pending === null && aside !== null && (
          <div>
            <span class="value">
              <Value value={aside.value} />
            </span>{" "}
            <span class="state bad">refused by the destination</span>
            <div>
              <Stamp stamp={aside} />
            </div>
          </div>
        )}
        {confirmed !== null && (
          <div>
            <span class="state good">confirmed</span> <Stamp stamp={confirmed} />
          </div>
        )}
      </div>
    </li>
  );
}
