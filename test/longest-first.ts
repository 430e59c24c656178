import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files that start processes, or wait for what a worker does by itself, begin first, whatever their size: such a file, begun last, would
 * run on alone. Vitest's own order, by the durations of the last run and else by size, holds among them and among the others.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // This is the sequencer's own `sort`, not an array's.
    // oxlint-disable-next-line unicorn/no-array-sort
    const sorted = await super.sort(files);
    const begins = ({ moduleId }: TestSpecification): boolean => LONG.test(relative(this.ctx.config.root, moduleId));
    return [...sorted.filter(begins), ...sorted.filter((file) => !begins(file))];
  }
}

const LONG = /^(test\/(chaos|e2e|conformance)|services\/worker|packages\/queue\/src\/intake)\//;
