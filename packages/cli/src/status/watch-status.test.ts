import { SluiceError } from "@sluice/runtime";
import { expect, test } from "vitest";
import type { Now } from "@sluice/console";
import { FLOWING, nowWith } from "./now.fixture.ts";
import { watchStatus } from "./watch-status.ts";

const away = new SluiceError("the console does not answer", { code: "console_unreachable", hint: "start it" });
const refused = new SluiceError("no such token", { code: "unauthenticated", hint: "give it" });

/** Watches a console that says these things one after the other, then ends. */
async function watching(says: readonly (Now | SluiceError)[]): Promise<readonly string[]> {
  const told: string[] = [];
  let asked = 0;
  const get = async <T>(): Promise<T> => {
    const said = says[asked++]!;
    if (said instanceof SluiceError) throw said;
    return said as T;
  };
  await watchStatus({
    client: { get },
    rest: async (ms) => void told.push(`rests ${ms} ms`),
    isOver: () => asked === says.length,
    show: ({ headline }) => told.push(headline),
    say: (text) => told.push(text),
  });
  return told.filter((each) => !each.startsWith("rests"));
}

const one = nowWith([FLOWING], { headline: "one" });
const two = nowWith([FLOWING], { headline: "two" });

test("the fleet is shown once a second, and a console that restarts is said once and waited for", async () => {
  const lost = expect.stringContaining("does not answer for now") as string;
  expect(await watching([one, away, away, two, away])).toEqual(["one", lost, "two", lost]);
});

test("a console that never answered, or refuses, ends it with what to do", async () => {
  await expect(watching([away])).rejects.toBe(away);
  await expect(watching([one, refused])).rejects.toBe(refused);
});
