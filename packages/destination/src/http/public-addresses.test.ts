import type { lookup, LookupAddress } from "node:dns";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openHttpClient } from "./http-client.ts";
import { PrivateAddressError, publicLookup } from "./public-addresses.ts";

/** The result of a lookup of a name that leads to these addresses. */
async function found(hostname: string, addresses: readonly string[]): Promise<string[] | Error> {
  const all = addresses.map((address): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 }));
  const find = ((_name: string, _options: object, told: (error: null, all: LookupAddress[]) => void) =>
    told(null, all)) as unknown as typeof lookup;
  return await new Promise((resolve) => {
    publicLookup(find)(hostname, { all: true }, (error, fit) => {
      resolve(error ?? (fit as LookupAddress[]).map(({ address }) => address));
    });
  });
}

test.each([
  "10.1.2.3",
  "172.31.255.255",
  "192.168.0.1",
  "127.0.0.1",
  "0.0.0.0",
  "169.254.169.254",
  "100.64.0.1",
  "::1",
  "::",
  "::ffff:10.0.0.1",
  "64:ff9b::a00:1",
  "fd00:ec2::254",
  "fe80::1",
  "ff02::1",
])("a vendor's name that leads to %s alone is not asked", async (address) => {
  const said = await found("api.vendor.example", [address]);
  expect(said).toBeInstanceOf(PrivateAddressError);
  expect(String(said)).toContain(address);
});

test("of a name's addresses the public ones are asked, and a name that says localhost means it", async () => {
  expect(await found("api.vendor.example", ["10.0.0.1", "93.184.216.34", "172.32.0.1", "2606:2800:220::1"])).toEqual([
    "93.184.216.34",
    "172.32.0.1",
    "2606:2800:220::1",
  ]);
  expect(await found("localhost", ["127.0.0.1"])).toEqual(["127.0.0.1"]);
  expect(await found("localhost.vendor.example", ["127.0.0.1"])).toBeInstanceOf(PrivateAddressError);
});

test("a question goes to an address that is written out; a name's is looked at unless private ones are allowed", async () => {
  const server = createServer((_, response) => void response.end("{}")).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const httpClient = openHttpClient({ connections: 1, timeoutMs: 5000, privateAddresses: false });
  onTestFinished(async () => await httpClient.close());
  const question = { method: "GET", headers: {}, mostBytes: 100, stop: new AbortController().signal } as const;
  expect((await httpClient.ask(`http://127.0.0.1:${port}/`, question)).statusCode).toBe(200);
  expect((await httpClient.ask(`http://localhost:${port}/`, question)).statusCode).toBe(200);
});
