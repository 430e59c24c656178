import { renameSync, writeFileSync } from "node:fs";
import type { Member } from "./processes.ts";
import { NeverError } from "./never.ts";
import { sluiceCommand } from "./sluice-command.ts";

/** The configuration of the fleet while it works. */
export type Rollout = {
  /** All names that the destination has had. */
  readonly destinations: readonly string[];
  /** Whether records are on their way from one name to the next. */
  readonly isRenaming: boolean;
  /** Changes a setting that may change at any moment; running processes read it by themselves. */
  reread(): void;
  /**
   * Gives the destination another name as docs/configuration.md says it: the new one is held, every process is started with the file, one
   * after the other, what the old one holds is moved, and the new one resumes.
   */
  rename(): Promise<void>;
};

export type RolloutOptions = {
  readonly path: string;
  readonly textOf: (destination: string, title: string) => string;
  readonly members: () => readonly Member[];
  readonly env: Readonly<Record<string, string>>;
};

const COMMAND_DEADLINE_MS = 120_000;

export function createRollout({ path, textOf, members, env }: RolloutOptions): Rollout {
  const destinations = ["crm"];
  let number = 0;
  let isRenaming = false;
  const write = (): void => {
    writeFileSync(`${path}.next`, textOf(destinations.at(-1)!, ` ${number}`));
    renameSync(`${path}.next`, path);
  };
  write();

  /** Redis may be away for a moment, and a worker that was killed counts as living for some seconds. */
  async function say(...command: string[]): Promise<void> {
    const end = performance.now() + COMMAND_DEADLINE_MS;
    for (;;) {
      const { ok, output } = await sluiceCommand(command, env);
      if (ok) return;
      if (performance.now() > end) throw new NeverError(`sluice ${command.join(" ")}: ${output.slice(-500)}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  return {
    destinations,
    get isRenaming() {
      return isRenaming;
    },
    reread() {
      number += 1;
      write();
    },
    async rename() {
      if (isRenaming) return;
      isRenaming = true;
      try {
        const from = destinations.at(-1)!;
        const to = `crm${destinations.length + 1}`;
        destinations.push(to);
        write();
        await say("hold", to);
        for (const member of members()) await member.restart();
        await say("move", from, to);
        await say("resume", to);
      } finally {
        isRenaming = false;
      }
    },
  };
}
