import { startChild, type Child } from "../child.ts";
import { sluiceOf } from "../contestants.ts";
import { batchOf, lastRevision } from "../event.ts";
import { withFleet } from "../fleet.ts";
import { LATENCY_MS, QUOTA_EVENTS, QUOTA_RECORDS } from "../limits.ts";
import type { Row } from "../row.ts";
import { drained, expectBatch, sendBatch } from "../sending.ts";
import { NOW } from "../tree.ts";
import { withDestination } from "../with-destination.ts";

type Measured = {
  readonly calls: number;
  readonly mostInAnyMinute: number;
  readonly wrong: number;
  readonly seconds: number;
};

/** The configuration, which says how scarce calls are. */
const CONFIGURATION = "scarce.yaml";
const TOKEN = "bench";

const SLUICE = sluiceOf(NOW);
const BATCH = batchOf("quota", QUOTA_EVENTS, { records: QUOTA_RECORDS });

/** How many calls many events over few records take, where calls are scarce. */
export const quota: Row = {
  name: "quota",
  title: `${QUOTA_EVENTS} events over ${QUOTA_RECORDS} records, 700 requests a minute`,
  always: false,
  measure: async ({ nodeOptions, progress }) =>
    await withDestination(LATENCY_MS, async (destination) => {
      const settings = { nodeOptions, destinationUrl: destination.url, configuration: CONFIGURATION };
      const notes: string[] = [];
      const note = (situation: string, { calls, mostInAnyMinute, wrong, seconds }: Measured): void => {
        const most = `at most ${mostInAnyMinute} in any 60 s`;
        notes.push(
          `${situation}: ${calls} calls, ${most}, ${wrong} records wrong, all done in ${seconds.toFixed(0)} s`,
        );
        progress(notes.at(-1)!);
      };
      note("waiting when the worker starts", await drainWaiting(destination, settings));
      note("coming in while the worker runs", await drainStream(destination, settings));
      note("waiting, towards the stand-in for Zendesk", await drainIntoStandIn(settings));
      return { findings: [], notes };
    }),
};

type Settings = {
  readonly nodeOptions: readonly string[];
  readonly destinationUrl: string;
  readonly configuration: string;
};

async function drainWaiting(destination: Child, settings: Settings): Promise<Measured> {
  return await withFleet(SLUICE, settings, async ({ door, startWorker }) => {
    await expectBatch(destination, "records", BATCH);
    await sendBatch(door.url, BATCH);
    await startWorker();
    const report = await drained(destination);
    return { ...report, seconds: (report.drainedAt - report.firstCallAt) / 1000 };
  });
}

async function drainStream(destination: Child, settings: Settings): Promise<Measured> {
  return await withFleet(SLUICE, settings, async ({ door, startWorker }) => {
    await expectBatch(destination, "records", BATCH);
    await startWorker();
    const { startedAt } = await sendBatch(door.url, BATCH);
    const report = await drained(destination);
    return { ...report, seconds: (report.drainedAt - startedAt) / 1000 };
  });
}

/** The calls into the stand-in include every look at a job. */
async function drainIntoStandIn(settings: Settings): Promise<Measured> {
  const standIn = await startChild("stand-in.ts", { configuration: CONFIGURATION, token: TOKEN });
  try {
    return await withFleet(SLUICE, { ...settings, destinationUrl: standIn.url }, async (fleet) => {
      await sendBatch(fleet.door.url, BATCH);
      const startedAt = performance.now();
      await fleet.startWorker();
      await fleet.redis.settled();
      const seconds = (performance.now() - startedAt) / 1000;
      const { requests } = (await ask(`${standIn.url}/__control`)) as { requests: StandInRequests };
      const wrong = QUOTA_RECORDS - (await rightRecords(standIn.url, lastRevision(BATCH)));
      const { counted, refused, mostInAnyMinute } = requests;
      return { calls: counted + refused, mostInAnyMinute, wrong, seconds };
    });
  } finally {
    await standIn.stop();
  }
}

type StandInRequests = { readonly counted: number; readonly refused: number; readonly mostInAnyMinute: number };

async function rightRecords(url: string, revision: number): Promise<number> {
  let right = 0;
  let next: string | null = `${url}/api/v2/custom_objects/customer/records?page[size]=100`;
  while (next !== null) {
    const page = (await ask(next)) as RecordPage;
    right += page.custom_object_records.filter((each) => each.custom_object_fields.revision === revision).length;
    next = page.links.next;
  }
  return right;
}

type RecordPage = {
  readonly custom_object_records: readonly { readonly custom_object_fields: { readonly revision: number } }[];
  readonly links: { readonly next: string | null };
};

async function ask(url: string): Promise<unknown> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return await answer.json();
}
