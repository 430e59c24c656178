import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { benchBacklog } from "./backlog.ts";
import { startChild } from "./child.ts";
import { CONTESTANTS, type Contestant } from "./contestants.ts";
import type { DestinationSettings } from "./destination.ts";
import { benchIdle } from "./idle.ts";
import { CONNECTIONS, DESTINATION_CONCURRENCY } from "./limits.ts";
import { benchOutage } from "./outage.ts";
import { benchQuota } from "./quota.ts";
import { benchRecords } from "./records/main.ts";
import { runContestant, type Result, type Shape } from "./round.ts";
import { endSender } from "./sending.ts";
import { startBenchRedis } from "./server.ts";
import { renderTable, type Round } from "./table.ts";

const SHAPES: readonly Shape[] = [
  { title: "Every event another record", eventsPerRecord: 1 },
  { title: "20 events per record", eventsPerRecord: 20 },
];

const PARTS = ["backlog", "idle", "quota", "outage"] as const;

if (process.argv[2] === "records") await benchRecords(process.argv.slice(3));
else await bench();

/** Measures all contestants against one Redis and one destination, in turns, and prints what came out. */
async function bench(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      /** Without the doors: PARTS. */
      backlog: { type: "boolean", default: false },
      /** One of PARTS alone. */
      only: { type: "string" },
      events: { type: "string" },
      rounds: { type: "string" },
      "latency-ms": { type: "string", default: "10" },
      /** A directory for a CPU profile of every door and worker. */
      profile: { type: "string" },
    },
  });
  const events = wholeNumber("events", values.events ?? (values.quick ? "1000" : "6000"), 100_000);
  if (events % 20 !== 0) throw new Error("--events must be a multiple of 20");
  const rounds = wholeNumber("rounds", values.rounds ?? (values.quick ? "1" : "3"), 20);
  const latencyMs = wholeNumber("latency-ms", values["latency-ms"], 1000);
  const nodeOptions = values.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${values.profile}`];

  console.log(
    `${events} events, ${CONNECTIONS} connections, destination answers after ${latencyMs} ms, ` +
      `${DESTINATION_CONCURRENCY} calls in flight at most, ${availableParallelism()} cores, Node.js ${process.version}\n`,
  );
  const redis = await startBenchRedis();
  const destination = await startChild("destination.ts", { latencyMs } satisfies DestinationSettings);
  const stop = async (): Promise<void> => {
    await endSender();
    await destination.stop();
    await redis.stop();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // The other children end when they lose their parent; Redis would not.
    process.once(signal, () => void stop().finally(() => process.exit(1)));
  }
  try {
    const surroundings = { redisUrl: redis.url, destinationUrl: destination.url, nodeOptions };
    const parts: Readonly<Record<(typeof PARTS)[number], () => Promise<string>>> = {
      backlog: async () => await benchBacklog(redis, destination, surroundings, { events, rounds }),
      idle: async () => await benchIdle(redis, destination, surroundings, { rounds }),
      quota: async () => await benchQuota(redis, destination, surroundings),
      outage: async () => await benchOutage(redis, surroundings, { rounds, latencyMs }),
    };
    for (const part of values.only === undefined ? PARTS : PARTS.filter((each) => each === values.only)) {
      console.log(`${await parts[part]()}\n`);
    }
    if (values.backlog || values.only !== undefined) return;
    for (const [at, shape] of SHAPES.entries()) {
      const done: Round[] = [];
      for (let number = 1; number <= rounds; number++) {
        const round = new Map<Contestant["letter"], Result>();
        for (const contestant of CONTESTANTS) {
          await redis.empty();
          const records = events / shape.eventsPerRecord;
          const batch = { name: `s${at}r${number}`, events, records, signedAtMs: Date.now() };
          round.set(contestant.letter, await runContestant(contestant, batch, surroundings, destination));
          process.stderr.write(`${shape.title}, round ${number}, (${contestant.letter}) done\n`);
        }
        done.push(round);
      }
      console.log(`${renderTable(shape, CONTESTANTS, done)}\n`);
    }
  } finally {
    await stop();
  }
}

function wholeNumber(option: string, text: string, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Error(`--${option} must be a whole number from 1 to ${most}`);
}
