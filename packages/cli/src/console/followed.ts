import { setTimeout as rest } from "node:timers/promises";
import type { Shell } from "../command.ts";
import type { ConsoleClient } from "./console-client.ts";
import { createProgress } from "../terminal/progress.ts";

/** A task of the console, and how to tell of it. */
type FollowedTask<T> = {
  readonly path: string;
  readonly isOver: (found: T) => boolean;
  /** How far it is, in a line. */
  readonly standing: (found: T) => string;
  /** The command that shows it later. */
  readonly shownBy: string;
};

/** How often the console is asked how far it is. */
const ASK_EVERY_MS = 500;

/** Shows how far a task of the console is until it is over. The console goes on when the command is broken off, which is said then. */
export async function followed<T>(
  shell: Shell,
  client: Pick<ConsoleClient, "get">,
  { path, isOver, standing, shownBy }: FollowedTask<T>,
): Promise<T> {
  const progress = createProgress(process.stderr, () => performance.now());
  shell.onSignal(() => {
    progress.clear();
    process.stderr.write(`The console goes on with it: \`${shownBy}\` shows how far it is.\n`);
    shell.exit(130);
  });
  try {
    for (;;) {
      const found = await client.get<T>(path);
      if (isOver(found)) return found;
      progress.show(standing(found));
      await rest(ASK_EVERY_MS);
    }
  } finally {
    progress.clear();
  }
}
