import { execFile, spawnSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PATH, SIGNATURE_HEADER, signedEvent, type Batch } from "./event.ts";
import { CONNECTIONS } from "./limits.ts";

/** A load of some seconds as wrk saw it. */
export type Load = {
  readonly accepted: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** When the first request went out (ms since 1970). */
  readonly startedAt: number;
};

/** A busy machine may lose a connection; more lost ones have another reason. */
const FAILED_SHARE = 0.001;

const SCRIPT = fileURLToPath(new URL("signed.lua", import.meta.url));

/** @throws where there is no wrk, with how to get it */
export function requireWrk(): void {
  if (spawnSync("wrk", ["-v"]).error === undefined) return;
  throw new Error(
    "this row's load comes from wrk, which is not on the PATH: `apt-get install wrk`, `brew install wrk`, " +
      "or build https://github.com/wg/wrk",
  );
}

/** The signed events of a batch, in a file. */
export type Events = { readonly file: string; readonly count: number };

/** Signs a batch into a file of `folder`. */
export async function writeEvents(folder: string, batch: Batch): Promise<Events> {
  const file = join(folder, `${batch.name}.tsv`);
  await pipeline(function* () {
    for (let index = 0; index < batch.events; index += 1) {
      const { headers, body } = signedEvent(batch, index);
      yield `${headers[SIGNATURE_HEADER]}\t${body}\n`;
    }
  }, createWriteStream(file));
  return { file, count: batch.events };
}

/**
 * Keeps every connection busy for some seconds, with the events from `from` on, round and round. wrk costs a small part of what a
 * door does.
 */
export async function load(url: string, { file, count }: Events, seconds: number, from = 0): Promise<Load> {
  const connections = ["--threads", "1", "--connections", String(CONNECTIONS), "--duration", `${seconds}s`];
  const script = ["--script", SCRIPT, `${url}${PATH}`, "--", file, String(from % count)];
  const { stdout } = await promisify(execFile)("wrk", [...connections, ...script]);
  const endedAt = performance.timeOrigin + performance.now();
  const told = JSON.parse(stdout.trim().split("\n").at(-1)!) as Told;
  const failed = `${told.refused} requests were refused and ${told.lost} lost, of ${told.answered} to ${url}`;
  if (told.refused + told.lost > told.answered * FAILED_SHARE) throw new Error(failed);
  if (told.refused + told.lost > 0) console.error(failed);
  const { p50Ms, p99Ms } = told;
  const accepted = told.answered - told.refused;
  return { accepted, perSecond: accepted / told.seconds, p50Ms, p99Ms, startedAt: endedAt - told.seconds * 1000 };
}

type Told = {
  readonly answered: number;
  readonly refused: number;
  readonly lost: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};
