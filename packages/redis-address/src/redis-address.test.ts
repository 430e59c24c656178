import { expect, test } from "vitest";
import { connectionOptions } from "./connection-options.ts";
import { parseRedisAddress, RedisUrlError } from "./redis-address.ts";

const NONE = { credentials: {}, tls: null };

test.each([
  ["redis://host", { kind: "server", node: { host: "host", port: 6379 }, family: null, database: 0, ...NONE }],
  [
    "redis://me:p%40ss@[::1]:7000/3?family=6",
    {
      kind: "server",
      node: { host: "::1", port: 7000 },
      family: 6,
      database: 3,
      credentials: { username: "me", password: "p@ss" },
      tls: null,
    },
  ],
  ["redis://:pw@h:1", { credentials: { password: "pw" } }],
  [
    "rediss://h?ca=/etc/ca.pem&servername=redis.internal",
    { tls: { caFile: "/etc/ca.pem", serverName: "redis.internal" } },
  ],
  [
    "redis+unix://me:pw@/run/redis/redis.sock?db=2",
    {
      kind: "socket",
      path: "/run/redis/redis.sock",
      database: 2,
      credentials: { username: "me", password: "pw" },
      tls: null,
    },
  ],
  ["unix:///run/redis.sock", { kind: "socket", path: "/run/redis.sock", database: 0 }],
  [
    "redis+sentinel://me:pw@a,b:1/primary/4?sentinel_user=watch&sentinel_password=word",
    {
      kind: "sentinel",
      sentinels: [
        { host: "a", port: 26_379 },
        { host: "b", port: 1 },
      ],
      primary: "primary",
      database: 4,
      credentials: { username: "me", password: "pw" },
      sentinelCredentials: { username: "watch", password: "word" },
    },
  ],
  [
    "rediss+cluster://me:pw@a:1,b:2/0",
    {
      kind: "cluster",
      nodes: [
        { host: "a", port: 1 },
        { host: "b", port: 2 },
      ],
      tls: {},
    },
  ],
])("%s is read", (url, address) => {
  expect(parseRedisAddress(url)).toMatchObject(address);
});

test.each([
  ["localhost:6379", /is no URL/],
  ["http://host", /begins with http:\/\//],
  ["redis+sentinal://a/b", /begins with redis\+sentinal:\/\//],
  ["redis://", /names no host/],
  ["redis://a,b", /several servers/],
  ["redis://a:99999", /can't be read/],
  ["redis://a/x", /no number/],
  ["redis://a?lazyConnect=true", /setting "lazyConnect": known are family/],
  ["redis://a?ca=/x", /setting "ca"/],
  ["rediss://a?cert=/x", /needs both/],
  ["redis+unix://host/path", /needs the socket's path/],
  ["redis+sentinel://a:1", /name by which the sentinels/],
  ["redis+cluster://a:1/3", /only database 0/],
  ["redis://me:%ZZ@a", /%25/],
])("%s is refused, and the hint shows what can be named", (url, problem) => {
  const refused = (() => {
    try {
      return parseRedisAddress(url);
    } catch (error) {
      return error;
    }
  })();
  expect(refused).toBeInstanceOf(RedisUrlError);
  expect(refused).toMatchObject({
    message: expect.stringMatching(problem),
    hint: expect.stringContaining("redis+sentinel://"),
  });
});

test("no password of a URL that can't be read is repeated", () => {
  for (const url of [
    "http://me:pa55word@h",
    "redis://me:pa55word@a,b",
    "redis://me:pa55word@h?x=1",
    "redis://me:pa55word@",
    "redis://:pa55word/x@h",
    "redis://:x?pa55word@h",
    "redis://me:pa55word#x@h",
    "redis+sentinel://me:pa55word/x@h/p",
  ]) {
    expect(() => parseRedisAddress(url)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining("pa55word") }),
    );
  }
});

test("a password whose / is not escaped is told as that", () => {
  expect(() => parseRedisAddress("redis://:ab/cd@h")).toThrow(/%2F/);
});

test("the parts of an address become the client's options", () => {
  const optionsOf = (url: string) => connectionOptions(parseRedisAddress(url), { again: true });
  expect(optionsOf("redis+unix://me:pw@/s.sock?db=1")).toEqual({
    kind: "one",
    options: { username: "me", password: "pw", path: "/s.sock", db: 1 },
  });
  expect(optionsOf("rediss+sentinel://a/p?sentinel_password=word")).toMatchObject({
    kind: "one",
    options: { name: "p", sentinelPassword: "word", tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true },
  });
  expect(optionsOf("redis+cluster://a:1")).toMatchObject({ kind: "cluster", nodes: [{ host: "a", port: 1 }] });
});

test("a file that an address names and that is not there is told by its name", () => {
  const address = parseRedisAddress("rediss://h?ca=/no/such/ca.pem");
  expect(() => connectionOptions(address, { again: false })).toThrow("/no/such/ca.pem");
});
