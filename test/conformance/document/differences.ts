import type { Described, DescribedOperation } from "./described.ts";

/** One place where the store's document is not the vendor's. */
export type Difference = {
  readonly operation: string;
  readonly kind: "operation" | "parameter" | "status" | "sent" | "answered";
  /** The parameter, the status or the member; the operation itself where the operation differs. */
  readonly what: string;
  readonly how: "the vendor's alone" | "ours alone" | { readonly vendor: string; readonly ours: string };
};

/** The part of the vendor's API that is compared; the store has nothing of the rest. */
const COMPARED =
  /^[A-Z]+ (?:\/api\/v2\/(?:incremental\/)?custom_objects|\/api\/v2\/job_statuses|\/oauth\/tokens)(?:\/|$)/;

export function differencesOf(vendor: Described, ours: Described): Difference[] {
  const names = [...new Set([...vendor.operations.keys(), ...ours.operations.keys()])].filter((name) =>
    COMPARED.test(name),
  );
  return names.toSorted(byPath).flatMap((operation): Difference[] => {
    const [theirs, own] = [vendor.operations.get(operation), ours.operations.get(operation)];
    if (theirs !== undefined && own !== undefined) return ofOperation(operation, theirs, own);
    const how = own === undefined ? "the vendor's alone" : "ours alone";
    return [{ operation, kind: "operation", what: operation, how }];
  });
}

function ofOperation(operation: string, vendor: DescribedOperation, ours: DescribedOperation): Difference[] {
  const statuses = (of: DescribedOperation) => new Map([...of.statuses].map((status) => [status, ""]));
  const compared = [
    ["parameter", vendor.parameters, ours.parameters],
    ["status", statuses(vendor), statuses(ours)],
    // Where one document says nothing of a body there is nothing to compare.
    ...(vendor.sent.size === 0 || ours.sent.size === 0 ? [] : [["sent", vendor.sent, ours.sent] as const]),
    ...(vendor.answered.size === 0 || ours.answered.size === 0
      ? []
      : [["answered", vendor.answered, ours.answered] as const]),
  ] as const;
  return compared.flatMap(([kind, theirs, own]) =>
    [...new Set([...theirs.keys(), ...own.keys()])].flatMap((what): Difference[] => {
      const [a, b] = [theirs.get(what), own.get(what)];
      if (a === undefined || b === undefined) {
        return [{ operation, kind, what, how: b === undefined ? "the vendor's alone" : "ours alone" }];
      }
      return areAlike(a, b) ? [] : [{ operation, kind, what, how: { vendor: a, ours: b } }];
    }),
  );
}

/** A document that names no type takes any. */
function areAlike(a: string, b: string): boolean {
  return a === "" || b === "" || (takes(a, b) && takes(b, a));
}

/** Whether every value of the types `inner` is of the types `outer`, too. An integer is a number. */
export function takes(outer: string, inner: string): boolean {
  const types = (of: string) => of.replaceAll("integer", "number").split("|");
  return types(inner).every((type) => types(outer).includes(type));
}

function byPath(a: string, b: string): number {
  const path = (name: string) => name.replace(/^\S+ /, "");
  return path(a).localeCompare(path(b)) || a.localeCompare(b);
}
