import type { RecordName } from "../../../src/contract/shape.ts";

export function recordAddress({ destination, object, by, key }: RecordName): string {
  const path = [destination, object, key].map(encodeURIComponent).join("/");
  return `/records/${path}${by === "name" ? "?by=name" : ""}`;
}

/** `crm/customer/4711`, and the way there. */
export function RecordLink({ record }: { readonly record: RecordName }) {
  return (
    <a href={recordAddress(record)} class="code">
      {record.destination}/{record.object}/{record.key}
    </a>
  );
}
