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

const SCRIPT = fileURLToPath(new URL("signed.lua", import.meta.url));

/** @throws where there is no wrk, with how to get it */
export function requireWrk(): void {
  if (spawnSync("wrk", ["-v"]).error === undefined) return;
  throw new Error(
    "this row's load comes from wrk, which is not on the PATH: `apt-get install wrk`, `brew install wrk`, " +
      "or build https://github.com/wg/wrk",
  );
}

/** Signs a batch into a file of `folder`, for {@link load}. */
export async function writeEvents(folder: string, batch: Batch): Promise<string> {
  const file = join(folder, `${batch.name}.tsv`);
  await pipeline(function* () {
    for (let index = 0; index < batch.events; index += 1) {
      const { headers, body } = signedEvent(batch, index);
      yield `${headers[SIGNATURE_HEADER]}\t${body}\n`;
    }
  }, createWriteStream(file));
  return file;
}

/** Keeps every connection busy with the events of a file for some seconds. wrk costs a small part of what a door does. */
export async function load(url: string, file: string, seconds: number): Promise<Load> {
  const words = ["-t", "1", "-c", String(CONNECTIONS), "-d", `${seconds}s`, "-s", SCRIPT, `${url}${PATH}`, "--", file];
  const { stdout } = await promisify(execFile)("wrk", words);
  const endedAt = performance.timeOrigin + performance.now();
  const told = JSON.parse(stdout.trim().split("\n").at(-1)!) as Told;
  if (told.refused + told.lost > 0) {
    throw new Error(`${told.refused} requests were refused and ${told.lost} lost, of ${told.answered}`);
  }
  const { answered: accepted, p50Ms, p99Ms } = told;
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
