import { pnpm } from "./pnpm.ts";

/** A licence that packages of a kind may have is a decision: it stands here with its reason. */
const ALLOWED: Readonly<Record<string, { readonly shipped: boolean; readonly why: string }>> = {
  MIT: { shipped: true, why: "permits all, with its notice" },
  ISC: { shipped: true, why: "as MIT" },
  "0BSD": { shipped: true, why: "as MIT, without a notice" },
  "BSD-2-Clause": { shipped: true, why: "as MIT" },
  "BSD-3-Clause": { shipped: true, why: "as MIT; its authors' names are no advertisement" },
  "Apache-2.0": { shipped: true, why: "permits all, with its notice and a grant of patents" },
  "BlueOak-1.0.0": { shipped: false, why: "as Apache-2.0; tools of development alone need it" },
  "MPL-2.0": { shipped: false, why: "changes of its own files are to be published: tools that are used as they are" },
  Unlicense: {
    shipped: false,
    why: "public domain, which some countries do not know: tools of development alone need it",
  },
};

export type Package = { readonly name: string; readonly versions: readonly string[]; readonly licence: string };

/** The packages that an installation has, with their licences; `shipped`: those that run with Sluice, without the tools of its development. */
export function installedPackages(shipped: boolean): readonly Package[] {
  const args = ["licenses", "list", "--json", "--recursive", ...(shipped ? ["--prod"] : [])];
  const byLicence = JSON.parse(pnpm(args)) as Readonly<Record<string, readonly Omit<Package, "licence">[]>>;
  return Object.entries(byLicence).flatMap(([licence, packages]) =>
    packages.map(({ name, versions }) => ({ name, versions, licence })),
  );
}

/** A line for each package whose licence nobody has decided on. */
export function licenceFaults(packages: readonly Package[], shipped: boolean): readonly string[] {
  return packages.flatMap(({ name, versions, licence }) => {
    const allowed = ALLOWED[licence];
    if (allowed !== undefined && (allowed.shipped || !shipped)) return [];
    const what = shipped ? "runs with Sluice" : "is a tool of its development";
    return [`${name} ${versions.join(", ")} ${what}, and its licence is ${licence}`];
  });
}
