import { startChild } from "../child.ts";
import { ROUNDS, UNDERSTAND_MS, UNDERSTAND_WARM_UP_MS } from "../limits.ts";
import { inTurn, mediansOf, ratiosOf } from "../rounds.ts";
import type { Row } from "../row.ts";
import { NOW, type Tree } from "../tree.ts";
import type { Understood, UnderstandOrder } from "../understand.ts";

/** How long an event takes to become changes, in a process that does nothing else. */
export const understood: Row = {
  name: "understood",
  title: "Understood per second and core, six mappings of the README's kind",
  always: true,
  async measure({ today, rounds = ROUNDS, nodeOptions, progress }) {
    const measure = async (tree: Tree): Promise<Understood> => {
      const child = await startChild("understand.ts", { directory: tree.directory }, nodeOptions);
      try {
        await child.order({ forMs: UNDERSTAND_WARM_UP_MS } satisfies UnderstandOrder, 2 * UNDERSTAND_MS + 10_000);
        const order: UnderstandOrder = { forMs: UNDERSTAND_MS };
        return (await child.order(order, 2 * UNDERSTAND_MS + 10_000)) as Understood;
      } finally {
        await child.stop();
      }
    };
    const measured = await inTurn(rounds, [today(), NOW], measure, progress);
    return {
      findings: [
        {
          ratio: "understood per second and core, six mappings / today's",
          target: "≥ 3",
          today: null,
          now: ratiosOf(measured.now, measured.today, ({ micros }) => 1 / micros),
          medians: mediansOf(measured, ({ micros }) => micros, "µs an event"),
        },
      ],
    };
  },
};
