import { pnpm } from "./pnpm.ts";

/** A known weakness of a package that runs with Sluice. */
export type Advisory = {
  readonly module_name: string;
  readonly severity: string;
  readonly title: string;
  readonly url: string;
};

/** Null: the registry's list of weaknesses could not be asked. */
export function knownAdvisories(env: Readonly<Record<string, string>> = {}): readonly Advisory[] | null {
  try {
    // A registry that is away is asked once: nothing waits for it.
    const { advisories } = JSON.parse(
      pnpm(["audit", "--prod", "--json"], { PNPM_CONFIG_FETCH_RETRIES: "0", ...env }),
    ) as {
      readonly advisories?: Readonly<Record<string, Advisory>>;
    };
    return advisories === undefined ? null : Object.values(advisories);
  } catch (error) {
    // An error in words instead of JSON is how it says that it got no answer.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const GRAVE = ["high", "critical"];

/** A line for each weakness that must not be shipped. */
export function graveOnes(advisories: readonly Advisory[]): readonly string[] {
  return advisories.filter(({ severity }) => GRAVE.includes(severity)).map(lineOf);
}

export function lineOf({ module_name, severity, title, url }: Advisory): string {
  return `${module_name}: ${title} (${severity}, ${url})`;
}
