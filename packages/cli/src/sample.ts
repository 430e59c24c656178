import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A webhook of test/samples, ready to be signed and sent; its README says what the members mean. */
export type SampleWebhook = {
  readonly source: string;
  readonly note: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly tamper: boolean;
  readonly expect: {
    readonly status: number;
    readonly events?: readonly string[];
    readonly record?: ExpectedRecord;
  };
};

export type ExpectedRecord = {
  readonly object: string;
  readonly external_id: string;
  readonly name?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly gone?: true;
};

type SampleFile = Pick<SampleWebhook, "source" | "note" | "expect"> & {
  readonly headers?: SampleWebhook["headers"];
  readonly tamper?: boolean;
  readonly body: unknown;
};

const SAMPLES = fileURLToPath(new URL("../../../test/samples/", import.meta.url));

/** All samples in their order; `run` makes their ids new, so that one start does not meet the records of another. */
export function readSamples(run: number): readonly SampleWebhook[] {
  return readdirSync(SAMPLES)
    .filter((file) => file.endsWith(".json"))
    .toSorted()
    .map((file) => {
      const text = readFileSync(`${SAMPLES}${file}`, "utf8")
        .replaceAll(/"\{\{number:(\d\d)\}\}"/g, `${run}$1`)
        .replaceAll("{{run}}", String(run));
      const { body, headers = {}, tamper = false, ...rest } = JSON.parse(text) as SampleFile;
      return { ...rest, headers, tamper, body: JSON.stringify(body) };
    });
}
