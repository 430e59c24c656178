/** A way into the configuration: names of members, and numbers of list items from 0. */
export type Path = readonly (string | number)[];

/** `["sources", "netsuite", "records", 0]` → `sources.netsuite.records[0]` */
export function pathText(path: Path): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${step}`))
    .join("");
}

/** The reverse of `pathText`. Names hold no dots and no brackets: the schema sees to that. */
export function pathOf(place: string): Path {
  return place
    .split(/\.|(?=\[)/)
    .filter((step) => step !== "")
    .map((step) => (step.startsWith("[") ? Number(step.slice(1, -1)) : step));
}
