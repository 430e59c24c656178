import type { ItemOrder } from "./bulk-job.ts";

type Item = { readonly order?: ItemOrder | undefined };

/**
 * Cuts a job's items into stretches that can go together. A lookup by `external_id:` or `name:` may mean a record that an
 * earlier item of the same job makes: such an item begins a new stretch, so that what it points to is there.
 */
export function stretchesOf<Each extends Item>(items: readonly Each[]): Each[][] {
  const stretches: Each[][] = [];
  let made = new Set<string>();
  let stretch: Each[] = [];
  for (const item of items) {
    const { content } = bodyOf(item) ?? {};
    if (stretch.length > 0 && pointsInto(made, content?.["custom_object_fields"])) {
      stretches.push(stretch);
      stretch = [];
      made = new Set();
    }
    stretch.push(item);
    for (const by of ["external_id", "name"]) made.add(`${by}:${String(content?.[by])}`);
  }
  return [...stretches, stretch];
}

function bodyOf({ order }: Item) {
  return order === undefined || order.kind === "delete" ? undefined : order.body;
}

function pointsInto(made: ReadonlySet<string>, fields: unknown): boolean {
  if (typeof fields !== "object" || fields === null) return false;
  return Object.values(fields).some((value) => typeof value === "string" && made.has(value));
}
