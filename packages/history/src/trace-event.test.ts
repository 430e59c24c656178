import { expect, test } from "vitest";
import { changesOf } from "./read.ts";
import { endIn, storyOf } from "./story/record-story.ts";
import { changeTrace } from "./trace-event.ts";
import { webhookOf } from "./understood.fixture.ts";

test("a value that `redact` keeps out is told as one that is not kept, and one that was cleared as null", () => {
  const webhook = webhookOf({ micros: 1, fields: { tier: "gold", city: null } });
  const [change] = webhook.events[0]!.changes;
  const redacted = { ...webhook, events: [{ ...webhook.events[0]!, changes: [{ ...change!, hidden: ["email"] }] }] };
  const [found] = changesOf(redacted, change!.record);
  const story = storyOf([found!], []);
  const { fields } = changeTrace(found!, story, endIn(story, found!));
  expect(fields.map(({ field, value, isKnown }) => [field, value, isKnown])).toEqual([
    ["tier", "gold", true],
    ["city", null, true],
    ["email", null, false],
  ]);
});
