import { encodeStamp, type Snapshot, type Tally } from "@sluice/record";
import type { Claim } from "./claim.ts";
import { valueDigest } from "../identity.ts";

/** A snapshot's fields and stamps, as the scripts that end a flight take them: the fields of one stamp stand behind it. */
export function stampArguments({ fields }: Snapshot): readonly (string | number | Buffer)[] {
  const groups = Map.groupBy(fields, ([, { stamp }]) => stamp);
  return [
    groups.size,
    ...[...groups].flatMap(([stamp, each]) => [encodeStamp(stamp), each.length, ...each.map(([field]) => field)]),
  ];
}

/** Digests of the values that the destination holds now: the known ones of other fields, and those of the written values. */
export function digestArguments(
  { remember, confirmed, snapshot }: Claim,
  wrote: boolean,
): readonly (string | number | Buffer)[] {
  if (!remember || !wrote) return [0];
  const written = [...snapshot.fields].map(([field, { value }]) => [field, valueDigest(value)] as const);
  const known = new Map([...(snapshot.deletion === null ? confirmed : []), ...written]);
  return [known.size, ...[...known].flat()];
}

export function tallyArguments(tally: Tally): readonly (string | number)[] {
  const rows = [...tally].flatMap(([source, outcomes]) =>
    [...outcomes].map(([outcome, count]) => [source, outcome, count] as const),
  );
  return [rows.length, ...rows.flat()];
}
