import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files that start processes, or wait for what a worker does by itself, begin first, whatever their size: such a file, begun last, would
 * run on alone. The longest of all begin before these. Vitest's own order, by the durations of the last run and else by size, which tells
 * nothing of a file that waits, holds among each kind.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // This is the sequencer's own `sort`, not an array's.
    // oxlint-disable-next-line unicorn/no-array-sort
    const sorted = await super.sort(files);
    const kinds = sorted.map((file) => [file, kindOf(relative(this.ctx.config.root, file.moduleId))] as const);
    return kinds.toSorted(([, a], [, b]) => a - b).map(([file]) => file);
  }
}

/** 0 begins first. */
export function kindOf(path: string): 0 | 1 | 2 {
  if (LONGEST.has(path)) return 0;
  return LONG.test(path) ? 1 : 2;
}

/** Half a minute and more, most of it waiting, on two quiet cores. */
export const LONGEST: ReadonlySet<string> = new Set([
  "test/e2e/redis-cluster.test.ts",
  "test/e2e/console.test.ts",
  "test/chaos/chaos.test.ts",
  "services/worker/src/jobs/unknown-job.test.ts",
  "test/e2e/redis-addresses.test.ts",
  "services/console/src/issues/issues.test.ts",
  "test/chaos/frozen-worker.test.ts",
  "packages/queue/src/intake/poison.test.ts",
  "services/worker/src/writes/flight.test.ts",
  "test/e2e/zendesk.test.ts",
  "services/records/src/docs/api-page.test.ts",
  "services/console/src/page/page.test.ts",
  "test/letters/filing.test.ts",
  "packages/queue/src/gate/gate.test.ts",
]);

const LONG =
  /^(test\/(chaos|e2e|conformance)|services\/worker|services\/console\/src\/page|packages\/queue\/src\/(intake|lanes|lane-model|gate|claims))\//;
