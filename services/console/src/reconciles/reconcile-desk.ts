import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { History } from "@sluice/history";
import { reconcile, type ReconcileReport } from "@sluice/operator";
import type { Reconcile } from "../contract/reconcile.ts";
import { LIMITS } from "../limits.ts";
import { timeOf, type LiveState } from "../live-state.ts";
import { Fault } from "../api/fault.ts";
import type { ReadMetrics } from "./read-metrics.ts";

/** The reconciles of the whole fleet: each is done by the process that began it, and every process shows all. */
export type ReconcileDesk = {
  begin(asked: ReconcileRequest, by: string): Promise<Reconcile>;
  /** The newest first, without their single findings. */
  all(): Promise<readonly Reconcile[]>;
  get(id: string): Promise<Reconcile | null>;
  abort(id: string): Promise<void>;
  /** Ends those of this process, and resolves once that is told, or after the deadline. */
  close(deadlineMs: number): Promise<void>;
};

export type ReconcileRequest = Pick<Reconcile, "destination" | "object" | "sample" | "repair">;

/** A reconcile with the time at which its process last told of it (ms): a process that is silent has died. */
type Kept = { readonly reconcile: Reconcile; readonly toldMs: number };

export function openReconcileDesk({
  queue,
  configuration,
  clock,
  log,
  history,
  onRead,
}: LiveState & { readonly history: History; readonly onRead: ReadMetrics }): ReconcileDesk {
  const stored = queue.temporaryTexts.map("reconciles", LIMITS.replayKeptMs);
  const ends = queue.temporaryTexts.map("reconcile-ends", LIMITS.replayKeptMs);
  const working = new Set<Promise<void>>();
  const closed = new AbortController();

  function shown({ reconcile: kept, toldMs }: Kept): Reconcile {
    const isSilent = kept.state === "running" && clock.nowMs() - toldMs > LIMITS.replaySilentMs;
    return isSilent ? { ...kept, state: "lost", waitsFor: null } : kept;
  }

  async function all(): Promise<readonly Reconcile[]> {
    const kept = [...(await stored.all()).values()].map((text) => shown(JSON.parse(text) as Kept));
    return kept.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  }

  async function put(kept: Reconcile): Promise<void> {
    await stored.put(kept.id, JSON.stringify({ reconcile: kept, toldMs: clock.nowMs() } satisfies Kept));
  }

  /** Tells of a reconcile while it goes on, and hears that it is to end: a walk through the history says nothing for minutes. */
  function heart(id: string, kept: () => Reconcile, end: () => void): { close(): void } {
    let told: Reconcile | null = null;
    let toldMs = performance.now();
    const tell = async (): Promise<void> => {
      if ((await ends.get(id)) !== null) end();
      if (kept() === told && performance.now() - toldMs < LIMITS.reconcileBeatMs) return;
      [told, toldMs] = [kept(), performance.now()];
      if (told.endedAt === null) await put(told);
    };
    const timer = setInterval(() => {
      tell().catch((error: unknown) => log.warn({ err: error, reconcile: id }, "a reconcile could not be told of"));
    }, LIMITS.reconcileToldEveryMs);
    timer.unref();
    return { close: () => clearInterval(timer) };
  }

  async function workOn(begun: Reconcile): Promise<void> {
    const { id, destination: name, object, sample, repair } = begun;
    let kept = begun;
    const aborted = new AbortController();
    const beat = heart(
      id,
      () => kept,
      () => aborted.abort(),
    );
    try {
      const ended = await reconcile(queue, history, {
        destination: configuration().destinations.get(name)!,
        object,
        sample,
        repair,
        random: Math.random,
        nowMs: () => clock.nowMs(),
        warn: (message) => log.warn({ destination: name }, message),
        onRead: (...read) => onRead(name, ...read),
        async onProgress({ stage, report, waitsFor }) {
          kept = { ...kept, stage, waitsFor, report: shownReport(report) };
        },
        signal: AbortSignal.any([aborted.signal, closed.signal]),
      });
      const state = ended.isDone ? "done" : aborted.signal.aborted ? "aborted" : "lost";
      kept = { ...kept, report: shownReport(ended.report), state, waitsFor: null };
    } catch (error) {
      log.error({ err: error, reconcile: id }, "a reconcile failed");
      const { code = "internal", hint = "" } = error as { code?: string; hint?: string };
      const message = error instanceof Error ? error.message : String(error);
      kept = { ...kept, state: "failed", waitsFor: null, error: { code, message, hint } };
    } finally {
      beat.close();
    }
    kept = { ...kept, endedAt: timeOf(clock.nowMs()) };
    await put(kept);
    log.info({ ...withoutFindings(kept), reconcile: id }, "a reconcile has ended");
  }

  async function begin(asked: ReconcileRequest, by: string): Promise<Reconcile> {
    const known = await all();
    if (known.some(({ state, destination }) => state === "running" && destination === asked.destination)) {
      throw beingReconciled(asked);
    }
    const old = known.slice(LIMITS.reconciles - 1).filter(({ state }) => state !== "running");
    await stored.drop(old.map(({ id }) => id));
    await ends.drop(old.map(({ id }) => id));
    const begun: Reconcile = {
      id: randomUUID(),
      state: "running",
      by,
      ...asked,
      startedAt: timeOf(clock.nowMs()),
      endedAt: null,
      stage: "reading",
      waitsFor: null,
      report: null,
      error: null,
    };
    await put(begun);
    const work = workOn(begun)
      .catch((error: unknown) => log.error({ err: error, reconcile: begun.id }, "a reconcile could not be told of"))
      .finally(() => working.delete(work));
    working.add(work);
    return begun;
  }

  return {
    all: async () => (await all()).map(withoutFindings),
    async get(id) {
      const text = await stored.get(id);
      return text === null ? null : shown(JSON.parse(text) as Kept);
    },
    async begin(asked, by) {
      if (closed.signal.aborted) {
        throw new Fault("act_conflict", "this console stops", { hint: "Ask again: another one answers." });
      }
      // Two that are begun at once would not see one another.
      const turn = `reconcile-begins:${asked.destination}`;
      if (!(await queue.temporaryTexts.keepFirst(turn, by, LIMITS.reconcileBeginsMs))) throw beingReconciled(asked);
      try {
        return await begin(asked, by);
      } finally {
        await queue.temporaryTexts.take(turn);
      }
    },
    abort: async (id) => await ends.put(id, "1"),
    async close(deadlineMs) {
      closed.abort();
      await Promise.race([Promise.all(working), wait(deadlineMs, undefined, { ref: false })]);
    },
  };
}

function beingReconciled({ destination }: ReconcileRequest): Fault {
  return new Fault("act_conflict", `${destination} is being reconciled already`, { hint: "Wait for it, or abort it." });
}

function shownReport(report: ReconcileReport): NonNullable<Reconcile["report"]> {
  const findings = report.findings.map((each) => ({ ...each, fields: [...each.fields], unknown: [...each.unknown] }));
  return { ...report, findings };
}

function withoutFindings(kept: Reconcile): Reconcile {
  return { ...kept, report: kept.report === null ? null : { ...kept.report, findings: [] } };
}
