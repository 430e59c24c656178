import { once } from "node:events";
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
  /** How often the process ended although nobody had killed it. */
  readonly endedByItself: number;
  /** The end of the process' output, over all of its lives. */
  output(): string;
  end(): Promise<void>;
};

const RESTART_DELAY_MS = 300;

const TOLD = '"state_went_back"';

export function startMember(role: Role, port: number, env: Readonly<Record<string, string>>): Member {
  const ownEnv = { ...env, [`SLUICE_${role.toUpperCase()}_PORT`]: String(port), SLUICE_LOG: "warn" };
  let current: SluiceProcess;
  let killed = false;
  let onNextLife: () => void = () => {};
  const endedAtMs: number[] = [];
  const toldAtMs: number[] = [];
  let ending = false;
  let endedByItself = 0;
  let before = "";

  const live = async (): Promise<void> => {
    for (;;) {
      current = startSluice([role], ownEnv);
      killed = false;
      onNextLife();
      current.child.stdout?.on("data", (chunk: Buffer) => {
        if (chunk.includes(TOLD)) toldAtMs.push(Date.now());
      });
      await once(current.child, "exit");
      endedAtMs.push(Date.now());
      before = (before + current.output()).slice(-100_000);
      if (ending) return;
      if (!killed) endedByItself += 1;
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
    async restart() {
      killed = true;
      const next = new Promise<void>((resolve) => (onNextLife = resolve));
      signal("SIGCONT");
      signal("SIGTERM");
      await next;
      if (!ending) await current.ready(port);
    },
    get endedByItself() {
      return endedByItself;
    },
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
