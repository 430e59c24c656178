import type { Package } from "./licences.ts";
import { pnpm } from "./pnpm.ts";

/** The part of a CycloneDX document that is looked at here. */
export type PartsList = {
  readonly bomFormat: string;
  readonly components: readonly {
    readonly group?: string;
    readonly name: string;
    readonly version: string;
    readonly licenses?: readonly unknown[];
    readonly externalReferences?: readonly { readonly type: string; readonly hashes?: readonly unknown[] }[];
  }[];
};

/** The list of all parts that run with Sluice (SBOM), as CycloneDX has it. */
export function partsList(): string {
  return pnpm(["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application", "--prod"]);
}

/** A line for each package that the list does not name, or names without its licence or the digest of its archive. */
export function partsFaults({ components }: PartsList, packages: readonly Package[]): readonly string[] {
  const parts = new Map(
    components.map((part) => {
      const name = part.group === undefined ? part.name : `${part.group}/${part.name}`;
      return [`${name} ${part.version}`, part];
    }),
  );
  return packages
    .flatMap(({ name, versions }) => versions.map((version) => `${name} ${version}`))
    .flatMap((name) => {
      const part = parts.get(name);
      if (part === undefined) return [`${name} is not in the list of parts`];
      const isLicensed = (part.licenses ?? []).length > 0;
      const isHashed = (part.externalReferences ?? []).some(({ hashes = [] }) => hashes.length > 0);
      return isLicensed && isHashed ? [] : [`${name} is in the list of parts without its licence or its digest`];
    });
}
