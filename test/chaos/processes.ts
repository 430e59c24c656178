import { once } from "node:events";
import { createInterface } from "node:readline";
import { startSluice, type SluiceProcess } from "../sluice-process.ts";

export type Role = "ingress" | "worker" | "records";

/** A Sluice process that is started again at the same port whenever it ends, as an orchestrator would. */
export type Member = {
  readonly role: Role;
  readonly url: string;
  /** SIGKILL: the process is started again a moment later. */
  kill(): void;
  /** SIGSTOP. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  ready(): Promise<void>;
  /** SIGTERM, as an orchestrator that rolls out; resolves when the next life is ready. */
  restart(): Promise<void>;
  /** The times of the process' ends, of whatever kind (ms by this process' clock). */
  readonly endedAtMs: readonly number[];
  /** The times at which the process said that the state went back. */
  readonly toldAtMs: readonly number[];
  /** The times at which a door said that it has added everything again. */
  readonly madeGoodAtMs: readonly number[];
  /** The process' ends that nobody had asked for: how each came, with the last lines that it said. */
  readonly endedByItself: readonly OwnEnd[];
  /** The end of the process' output, over all of its lives. */
  output(): string;
  end(): Promise<void>;
};

/** The end of a process by itself. */
export type OwnEnd = {
  readonly role: Role;
  /** By this process' clock. */
  readonly atMs: number;
  /** The exit code, or the signal that ended it. */
  readonly how: number | NodeJS.Signals;
  readonly said: readonly string[];
};

const RESTART_DELAY_MS = 300;
const KEPT_LINES = 12;
const KEPT_LINE_CHARACTERS = 600;
const KEPT_ENDS = 50;

const TOLD = '"state_went_back"';
const MADE_GOOD = "acknowledged webhooks were added again";

export function startMember(role: Role, port: number, env: Readonly<Record<string, string>>): Member {
  const ownEnv = { ...env, [`SLUICE_${role.toUpperCase()}_PORT`]: String(port), SLUICE_LOG: "warn" };
  let current: SluiceProcess;
  let killed = false;
  let onNextLife: () => void = () => {};
  const endedAtMs: number[] = [];
  const toldAtMs: number[] = [];
  const madeGoodAtMs: number[] = [];
  let ending = false;
  const endedByItself: OwnEnd[] = [];
  let before = "";

  const live = async (): Promise<void> => {
    for (;;) {
      current = startSluice([role], ownEnv);
      killed = false;
      onNextLife();
      // By lines: a word may be cut where one chunk ends and the next begins.
      createInterface({ input: current.child.stdout! }).on("line", (line) => {
        if (line.includes(TOLD)) toldAtMs.push(Date.now());
        if (line.includes(MADE_GOOD)) madeGoodAtMs.push(Date.now());
      });
      // Its output is complete once its pipes are closed, too.
      const [code, by] = (await once(current.child, "close")) as [number | null, NodeJS.Signals | null];
      const atMs = Date.now();
      endedAtMs.push(atMs);
      before = (before + current.output()).slice(-100_000);
      if (ending) return;
      if (!killed && endedByItself.length < KEPT_ENDS) {
        endedByItself.push({ role, atMs, how: code ?? by ?? 0, said: lastLines(current.output()) });
      }
      await new Promise((resolve) => setTimeout(resolve, RESTART_DELAY_MS));
      if (ending) return;
    }
  };
  const living = live();
  const signal = (name: NodeJS.Signals): void => void current.child.kill(name);

  return {
    role,
    url: `http://127.0.0.1:${port}`,
    kill() {
      killed = true;
      signal("SIGKILL");
    },
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    async ready() {
      await current.ready(port);
    },
    endedAtMs,
    toldAtMs,
    madeGoodAtMs,
    async restart() {
      killed = true;
      const next = new Promise<void>((resolve) => (onNextLife = resolve));
      signal("SIGCONT");
      signal("SIGTERM");
      await next;
      if (!ending) await current.ready(port);
    },
    endedByItself,
    output: () => before + current.output(),
    async end() {
      ending = true;
      onNextLife();
      signal("SIGCONT");
      signal("SIGTERM");
      const force = setTimeout(() => signal("SIGKILL"), 5000);
      await living;
      clearTimeout(force);
    },
  };
}

function lastLines(output: string): readonly string[] {
  return output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-KEPT_LINES)
    .map((line) => line.slice(0, KEPT_LINE_CHARACTERS));
}
