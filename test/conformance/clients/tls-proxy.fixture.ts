import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

/** Ends TLS before a server of plain HTTP and says so, as nginx does with the usual two lines. */
export async function tlsProxy(target: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { hostname, port } = new URL(target);
  const server = createServer({ key: KEY, cert: CERTIFICATE }, (incoming, response) => {
    const { method, url: path, headers } = incoming;
    const forwarded = { ...headers, "x-forwarded-proto": "https", "x-forwarded-host": headers.host };
    // The proxy speaks to the store by the store's own name.
    const onward = request({ hostname, port, method, path, headers: { ...forwarded, host: `${hostname}:${port}` } });
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** A certificate for tests: for localhost, and trusted by nobody but them. */
export const CERTIFICATE = `
-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUZbCKZRJLAtimg1kJ8Nqnc2cBAK0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODA3NDg0OFoYDzIxMjYxMTA0
MDc0ODQ4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATfXClBqUBps2/Ar3PJRSTjPnWQVyPUUsjGj51YecisGF4b+Ne0+ol5
YS0BruVXM0pivy+tOAiP/s4xDmDcum3+o28wbTAdBgNVHQ4EFgQUSPrHdpoI9L5o
TIJSU52A5Iws/98wHwYDVR0jBBgwFoAUSPrHdpoI9L5oTIJSU52A5Iws/98wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAP6EJsP4cvorvuuY2TUrqgEA/tESf4cZBA86cIs5G7/TAiEA
ykZD6JtbyDAgi++Dt6lhppxv5JTHFLYLUMQsP+qphSg=
-----END CERTIFICATE-----
`;
const KEY = `
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCS4WD4zxlwtlUHyS
oi1QkDAZ+9VlmmnLz/m2N50cB36hRANCAATfXClBqUBps2/Ar3PJRSTjPnWQVyPU
UsjGj51YecisGF4b+Ne0+ol5YS0BruVXM0pivy+tOAiP/s4xDmDcum3+
-----END PRIVATE KEY-----
`;
