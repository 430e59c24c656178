import { fileURLToPath } from "node:url";
import { openQueue } from "../queue.ts";
import { readPlainly } from "./plain-reading.fixture.ts";

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { namespace, redisUrl } = JSON.parse(process.argv[2] ?? "") as { namespace: string; redisUrl: string };
  const queue = await openQueue({
    redisUrl,
    kind: "worker",
    destinations: ["crm"],
    dedupeWindowMs: 3_600_000,
    orderingHorizonMs: 3_600_000,
    namespace,
    onError: () => {},
  });
  // The test that started this process is gone: nobody else would end it.
  process.on("disconnect", () => process.exit());
  process.send?.("ready");
  await queue.intake.understand({
    understander: {
      digests: () => ({ erp: "d" }),
      async read(webhook) {
        if (webhook.ids.includes("hang")) {
          process.send?.("hangs");
          await new Promise(() => {});
        }
        // A wait before the death, so that the place that was written down is on its way to Redis.
        if (webhook.ids.includes("die")) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          process.kill(process.pid, "SIGKILL");
        }
        if (webhook.ids.includes("stand")) {
          const end = performance.now() + 9000;
          while (performance.now() < end);
        }
        return await readPlainly(webhook);
      },
    },
    unknownSourceAfterMs: 3_600_000,
    nowMs: () => Date.now(),
  });
}
