import { senders } from "@sluice/event";
import { describe, expect, test } from "vitest";
import { hasTest, inJson, KINDS } from "./kinds.fixture.ts";

/*
 * Eleven kinds of fault that were found at one sender or another, tried on every sender: a table without an empty cell. Single facts of single
 * senders stand in `field-facts.test.ts` beside this.
 */

describe.each(KINDS.map((kind) => [kind.name, kind] as const))("%s", (_, { cell }) => {
  test.each(senders().map((sender) => [sender.name, sender] as const))("%s", async (_name, sender) => {
    const held = cell(inJson(sender));
    expect(held.looked.length).toBeGreaterThan(10);
    const isElsewhere = "test" in held;
    expect(!isElsewhere || hasTest(held.in, held.test), isElsewhere ? held.test : "").toBe(true);
    if (!isElsewhere) await held.run();
  });
});
