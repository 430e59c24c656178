import { once } from "node:events";
import { startSluice } from "../sluice-process.ts";

/** Runs a command of `sluice` to its end, as an operator does. `output`: the command's words, and its errors if it fails. */
export async function sluiceCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  tree?: string,
): Promise<{ readonly ok: boolean; readonly output: string }> {
  const { child, output } = startSluice(args, env, { tree });
  let said = "";
  // Progress goes to the other stream.
  child.stdout?.on("data", (chunk: Buffer) => (said += String(chunk)));
  const [code] = (await once(child, "close")) as [number | null];
  return { ok: code === 0, output: (code === 0 ? said : output()).trim() };
}
