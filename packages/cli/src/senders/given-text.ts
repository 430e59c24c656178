import { readFileSync } from "node:fs";
import { SluiceError } from "@sluice/runtime";

/**
 * The text that `--file` names: a body, or a request as `{ headers, body }`.
 * @throws SluiceError `file_unreadable`
 */
export function givenText(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SluiceError(`${file} can't be read`, {
      code: "file_unreadable",
      hint: "name a file with a body, or with a request as { headers, body }",
      cause: error,
    });
  }
}
