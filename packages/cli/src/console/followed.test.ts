import { expect, onTestFinished, test, vi } from "vitest";
import type { Shell } from "../command.ts";
import { followed } from "./followed.ts";

/** A command that asks the console; `signal` breaks it off. @param answers of the console, the last one again and again */
function following(answers: readonly string[]) {
  const written: string[] = [];
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(String(text)) > 0);
  onTestFinished(() => stderr.mockRestore());
  const signals: (() => void)[] = [];
  const exit = vi.fn<Shell["exit"]>();
  const asked: string[] = [];
  const get = async <T>(path: string): Promise<T> => {
    asked.push(path);
    return answers[Math.min(asked.length, answers.length) - 1] as T;
  };
  const shell = { onSignal: (end: () => void) => void signals.push(end), exit } as unknown as Shell;
  const task = { path: "/api/reconciles/r", shownBy: "sluice reconcile show r", standing: (found: string) => found };
  const found = followed(
    shell,
    { get },
    {
      ...task,
      isOver: (each) => each === "done",
    },
  );
  return { found, asked, written, exit, signal: () => signals.at(-1)!() };
}

test("a task is asked for until it is over", async () => {
  const { found, asked } = following(["running", "done"]);
  expect(await found).toBe("done");
  expect(asked).toEqual(["/api/reconciles/r", "/api/reconciles/r"]);
});

test("a command that is broken off says that the console goes on, and what shows how far it is", async () => {
  const { found, written, exit, signal } = following(["running", "running", "done"]);
  signal();
  expect(written.join("")).toContain("The console goes on with it: `sluice reconcile show r` shows how far it is.");
  expect(exit).toHaveBeenCalledWith(130);
  await found;
});
