import type { Registry } from "prom-client";
import { OTHER_TYPE, type IntakeNumbers, type SeenType } from "@sluice/queue";
import { counter, gauge } from "@sluice/runtime";
import { MAX_SHOWN_TYPES } from "./limits.ts";

/** The intake's waiting and understood webhooks, read once for all metrics of a scrape. */
export function intakeMetrics(
  registry: Registry,
  read: () => Promise<IntakeNumbers | null>,
  nowMs: () => number,
): void {
  let reading: Promise<IntakeNumbers | null> | null = null;
  const numbers = async (): Promise<IntakeNumbers | null> => {
    reading ??= read().finally(() => (reading = null));
    return await reading.catch(() => null);
  };
  const show = (
    name:
      | "sluice_intake_waiting_webhooks"
      | "sluice_intake_waiting_bytes"
      | "sluice_intake_oldest_seconds"
      | "sluice_intake_dead_letters",
    value: (intake: IntakeNumbers) => number,
  ): void => {
    gauge(registry, name, async (shown) => {
      const intake = await numbers();
      // A metric without a label always has a series; where another process shows it, this one removes its own.
      shown.remove();
      if (intake !== null) shown.set(value(intake));
    });
  };
  show("sluice_intake_waiting_webhooks", ({ waitingWebhooks }) => waitingWebhooks);
  show("sluice_intake_waiting_bytes", ({ waitingBytes }) => waitingBytes);
  show("sluice_intake_dead_letters", ({ deadLetters }) => deadLetters);
  show("sluice_intake_oldest_seconds", ({ oldestMs }) =>
    oldestMs === null ? 0 : Math.max(0, (nowMs() - oldestMs) / 1000),
  );
  gauge(registry, "sluice_intake_jobs", async (shown) => {
    const intake = await numbers();
    shown.reset();
    if (intake === null) return;
    for (const state of ["waiting", "active", "delayed", "failed"] as const) shown.set({ state }, intake.jobs[state]);
  });
  const count = (
    name:
      | "sluice_intake_jobs_added_total"
      | "sluice_intake_jobs_completed_total"
      | "sluice_intake_unreadable_jobs_total",
    value: (intake: IntakeNumbers) => number,
  ): void => {
    counter(registry, name, async (counted) => {
      const intake = await numbers();
      counted.reset();
      counted.remove();
      if (intake !== null) counted.inc(value(intake));
    });
  };
  count("sluice_intake_jobs_added_total", ({ jobs }) => jobs.added);
  count("sluice_intake_jobs_completed_total", ({ jobs }) => jobs.completed);
  count("sluice_intake_unreadable_jobs_total", ({ unreadableJobs }) => unreadableJobs);
  counter(registry, "sluice_events_understood_total", async (counted) => {
    const intake = await numbers();
    counted.reset();
    for (const [result, bySource] of intake?.results ?? []) {
      for (const [source, events] of bySource) counted.inc({ source, result }, events);
    }
  });
}

/** Unknown events: a source's most frequent types have a series of their own, the others share one. */
export function unknownEventsMetric(
  registry: Registry,
  read: () => Promise<readonly (readonly [source: string, types: readonly SeenType[]])[]>,
): void {
  gauge(registry, "sluice_unknown_events", async (shown) => {
    const bySource = await read().catch(() => []);
    shown.reset();
    for (const [source, types] of bySource) {
      for (const [index, { type, ignored }] of types.entries()) {
        shown.inc({ source, type: index < MAX_SHOWN_TYPES ? type : OTHER_TYPE }, ignored);
      }
    }
  });
}
