import { expect, test } from "vitest";
import { describeError, SluiceError } from "./error.ts";
import { createLog } from "./log.ts";
import { withoutPassword } from "./url.ts";

function written(readable: boolean, write: (log: ReturnType<typeof createLog>) => void): string {
  let text = "";
  write(createLog({ role: "worker", level: "info", readable, to: { write: (line: string) => void (text += line) } }));
  return text;
}

test("a line is JSON with its role, and below the level there is none", () => {
  const text = written(false, (log) => {
    log.debug("unheard");
    log.info({ destination: "crm" }, "written");
  });
  expect(JSON.parse(text)).toMatchObject({ level: 30, role: "worker", destination: "crm", msg: "written" });
});

test("what holds a secret is hidden, wherever it stands", () => {
  const text = written(false, (log) =>
    log.info({ token: "abc1", headers: { authorization: "abc2" }, a: { b: { secret: "abc3" } } }),
  );
  expect(text).not.toMatch(/abc\d/);
  expect(text.match(/\[hidden\]/g)).toHaveLength(3);
});

test("an error is logged with its stack and its causes, and with nothing that it carries", () => {
  const cause = new Error("below");
  const error = Object.assign(new Error("above", { cause }), { code: "E1", command: { args: ["a webhook's text"] } });
  const text = written(false, (log) => log.warn({ component: "queue", err: error }, error.message));
  expect(JSON.parse(text)).toMatchObject({
    component: "queue",
    err: {
      type: "Error",
      code: "E1",
      stack: expect.stringContaining("log.test.ts") as string,
      cause: { message: "below" },
    },
  });
  expect(text).not.toContain("a webhook's text");
});

test("for terminals a line is for reading", () => {
  expect(written(true, (log) => log.warn({ pid: 7 }, "slow"))).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} warn worker {2}slow {2}\{"pid":7\}\n$/,
  );
});

test("an error is told with its causes and its next step", () => {
  const cause = new Error("connect failed", {
    cause: new AggregateError([new Error("::1 refused"), new Error("127.0.0.1 refused")]),
  });
  const error = new SluiceError("Redis is away", { code: "redis_unreachable", hint: "start it", cause });
  expect(describeError(error).split("\n")).toEqual([
    "Redis is away",
    "  because: connect failed",
    "  because: ::1 refused; 127.0.0.1 refused",
    "  next: start it",
  ]);
  expect(describeError("just text")).toBe("just text");
});

test("a URL is shown without who uses it", () => {
  expect(withoutPassword("redis://me:p@host:6379/0")).toBe("redis://host:6379/0");
  expect(withoutPassword("redis+cluster://:pw@a:1,b:2")).toBe("redis+cluster://a:1,b:2");
  expect(withoutPassword("postgres://host/db?x=a@b")).toBe("postgres://host/db?x=a@b");
});
