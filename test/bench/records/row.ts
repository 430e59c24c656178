/** A record to write: a customer as a mapping would make one, about 300 bytes of JSON. */
export type BenchRow = {
  readonly externalId: string;
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

const TIERS = ["gold", "silver", "bronze", "tin"];
const CITIES = ["Lisbon", "Oslo", "Graz", "Lyon", "Turin", "Ghent", "Porto", "Malmö"];

/** The `index`-th write: keys go round `keys` of them, values differ from turn to turn. */
export function rowAt(index: number, keys: number): BenchRow {
  const key = (index * 7_919) % keys;
  return {
    externalId: `netsuite:${key}`,
    name: `Customer ${key}`,
    fields: {
      tier: TIERS[(key + index) % TIERS.length],
      city: CITIES[key % CITIES.length],
      score: (index * 31) % 1_000,
      balance: (index % 10_000) / 100,
      due: `2026-${String((key % 12) + 1).padStart(2, "0")}-${String((index % 28) + 1).padStart(2, "0")}`,
      note: `order ${index} of ${key}, changed at the desk in ${CITIES[index % CITIES.length]}`,
    },
  };
}

/** The object's fields, as the API makes them. */
export const FIELDS = [
  {
    key: "tier",
    title: "Tier",
    type: "dropdown",
    custom_field_options: TIERS.map((value) => ({ name: value, value })),
  },
  { key: "city", title: "City" },
  { key: "score", title: "Score", type: "integer" },
  { key: "balance", title: "Balance", type: "decimal" },
  { key: "due", title: "Due", type: "date" },
  { key: "note", title: "Note", type: "textarea" },
] as const;
