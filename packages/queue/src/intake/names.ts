/** The queues of webhooks. `webhooks`: live ones. `large`: with bodies above 1 MB, one at a time in a worker. `backfill`: ones that may wait. */
export const QUEUES = ["webhooks", "large", "backfill"] as const;
export type IntakeQueue = (typeof QUEUES)[number];

/** The tag that all keys of the intake share; it is BullMQ's prefix too. */
export function intakeTag(namespace: string): string {
  return `{${namespace}:intake}`;
}

/** The name of a worker's connection, by which others see whether its process lives. */
export function workerConnection(session: string): string {
  return `sluice-worker-${session}`;
}
