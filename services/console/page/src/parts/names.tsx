import type { RecordName } from "../../../src/contract/shape.ts";

/** `crm/customer/4711`. */
export function RecordText({ record: { destination, object, key } }: { readonly record: RecordName }) {
  return (
    <span class="code">
      {destination}/{object}/{key}
    </span>
  );
}
