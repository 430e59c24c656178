import { startCluster } from "../../redis-cluster.ts";
import { findRedisPrograms, NO_PROGRAM } from "../../redis-programs.ts";
import { batchOf } from "../event.ts";
import { SERVERS_EVENTS, SERVERS_ROUNDS } from "../limits.ts";
import { quantile } from "../quantile.ts";
import type { Row } from "../row.ts";
import { drained, expectBatch, sendBatch } from "../sending.ts";
import { redisProcessorMicros } from "../server.ts";
import { startSluice } from "../sluice.ts";
import { NOW } from "../tree.ts";
import { withDestination } from "../with-destination.ts";

/**
 * The processor time of the server that has the intake and of the one that has the destination's lane, where a cluster has put them apart: how many servers
 * of lanes one server of the intake has work for. Every event is a webhook of its own and another record.
 */
export const servers: Row = {
  name: "servers",
  title: "What an event costs the intake's server, and its lane's",
  always: false,
  async measure({ rounds = SERVERS_ROUNDS, nodeOptions, progress }) {
    const programs = await findRedisPrograms();
    if (programs === null) throw new Error(NO_PROGRAM);
    try {
      const cluster = await startCluster(programs, { appendonly: "yes", appendfsync: "always" });
      const owners = await Promise.all(["{sluice:intake}:", "{sluice:crm}:"].map((key) => cluster.ownerOf(key)));
      if (owners[0] === owners[1]) throw new Error("the intake and the lane are on one server");
      const spentBy = async (): Promise<readonly number[]> =>
        await Promise.all(owners.map(async ({ admin }) => await redisProcessorMicros(admin)));
      const spent: (readonly [intake: number, lane: number])[] = [];
      await withDestination(0, async (destination) => {
        const settings = { nodeOptions, destinationUrl: destination.url, configuration: "sluice.yaml" };
        const surroundings = { ...settings, redisUrl: cluster.url };
        const door = await startSluice(NOW, "ingress", surroundings);
        const worker = await startSluice(NOW, "worker", surroundings);
        try {
          // The first round compiles.
          for (let round = 0; round <= rounds; round += 1) {
            const batch = batchOf(`servers-${round}`, SERVERS_EVENTS);
            await expectBatch(destination, "records", batch);
            const before = await spentBy();
            await sendBatch(door.url, batch);
            await drained(destination);
            const after = await spentBy();
            const [intake, lane] = after.map((each, at) => (each - before[at]!) / batch.events) as [number, number];
            progress(`${intake.toFixed(1)} and ${lane.toFixed(1)} µs an event`);
            if (round > 0) spent.push([intake, lane]);
          }
        } finally {
          await worker.stop();
          await door.stop();
        }
      });
      const [intake, lane] = [0, 1].map((at) =>
        quantile(
          spent.map((each) => each[at]!),
          0.5,
        ),
      ) as [number, number];
      const note = `the intake's server spends ${intake.toFixed(1)} µs an event, the lane's ${lane.toFixed(1)} µs: ${(lane / intake).toFixed(1)} times as much`;
      return { findings: [], notes: [note] };
    } finally {
      await programs.stop();
    }
  },
};
