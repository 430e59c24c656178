import { SluiceError } from "../error.ts";

/** One thing that is wrong in the configuration file. */
export type ConfigurationFault = {
  /** `sources.netsuite.records[0].version` */
  readonly place: string;
  /** From 1; 0 where the file has no such place. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What may stand there. */
  readonly allowed?: string;
};

/** All that is wrong in the configuration file, at once. */
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

/** One line, with where it stands. */
export function describeFault(path: string, { place, line, column, message, allowed }: ConfigurationFault): string {
  const where = line === 0 ? path : `${path}:${line}:${column}`;
  return `${where}  ${place === "" ? "" : `${place}: `}${message}${allowed === undefined ? "" : ` (allowed: ${allowed})`}`;
}
