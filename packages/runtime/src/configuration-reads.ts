import type { Registry } from "prom-client";
import { counter, gauge } from "./metrics.ts";

/** How the reads of a changed configuration ended, as this process' metrics tell it. */
export type ConfigurationReads = {
  used(): void;
  /** The new one has a fault: the old one stays in use. */
  kept(): void;
};

export function countConfigurationReads(registry: Registry): ConfigurationReads {
  const reads = counter(registry, "sluice_configuration_reads_total");
  const outdated = gauge(registry, "sluice_configuration_outdated");
  for (const result of ["used", "kept"]) reads.inc({ result }, 0);
  outdated.set(0);
  return {
    used() {
      reads.inc({ result: "used" });
      outdated.set(0);
    },
    kept() {
      reads.inc({ result: "kept" });
      outdated.set(1);
    },
  };
}
