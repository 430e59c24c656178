import { SluiceError } from "../error.ts";

/** One fault of the configuration file. */
export type ConfigurationFault = {
  /** The path as people write it: `sources.netsuite.records[0].version` */
  readonly place: string;
  /** The line from 1; 0 where the file has no such place. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** The values or names that may stand there. */
  readonly allowed?: string;
};

/** All faults of the configuration file at once. */
export class ConfigurationError extends SluiceError {
  readonly faults: readonly ConfigurationFault[];

  constructor(path: string, faults: readonly ConfigurationFault[]) {
    const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
    super([`${path} has ${count}:`, ...faults.map((fault) => `  ${describeFault(path, fault)}`)].join("\n"), {
      code: "configuration_invalid",
      hint: "`sluice config schema` prints all that is allowed, `sluice config check` tries the file without starting",
    });
    this.faults = faults;
  }
}

/** A fault as one line, with its place in the file. */
export function describeFault(path: string, { place, line, column, message, allowed }: ConfigurationFault): string {
  const where = line === 0 ? path : `${path}:${line}:${column}`;
  return `${where}  ${place === "" ? "" : `${place}: `}${message}${allowed === undefined ? "" : ` (allowed: ${allowed})`}`;
}
