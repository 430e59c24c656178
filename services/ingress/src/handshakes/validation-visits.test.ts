import { readScheme } from "@sluice/event";
import { createLog } from "@sluice/runtime";
import request from "supertest";
import { expect, test } from "vitest";
import { openDoor } from "../door.fixture.ts";
import { LIMITS } from "../limits.ts";
import { createValidationVisits } from "./validation-visits.ts";

const URL_OF_ADOBE = "https://csm.adobe.io/csm/webhooks/validate?id=1&challenge=2";

/** A door for Adobe whose visits stay open until `finish` is called. */
function openAdobeDoor() {
  const opened: string[] = [];
  const finished = Promise.withResolvers<number>();
  const log = createLog({ role: "ingress", to: { write: () => undefined } });
  const validationVisits = createValidationVisits({
    log,
    open: async (url) => {
      opened.push(url);
      return finished.promise;
    },
  });
  const scheme = readScheme("adobe-io-events");
  const secrets = [{ value: "c5a34355b7f5491f8277b8dd63f0bfa3", number: 1, notAfterMs: null }];
  const { app } = openDoor({ validationVisits, sources: [{ name: "adobe", scheme, secrets }] });
  const ask = (body: object) => request(app).post("/webhooks/adobe").send(body);
  return { ask, opened, finish: finished.resolve, settled: validationVisits.settled };
}

test("Adobe's validation URL is opened after the answer, which does not wait for it", async () => {
  const { ask, opened, finish, settled } = openAdobeDoor();
  const { status, text } = await ask({ validationUrl: URL_OF_ADOBE });
  expect([status, text]).toEqual([200, ""]);
  expect(opened).toEqual([URL_OF_ADOBE]);
  finish(200);
  await settled();
});

test.each([
  "https://csm.adobe.io.example.com/validate",
  "https://example.com/?csm.adobe.io",
  "https://csm.adobe.io@example.com/validate",
  "https://user@csm.adobe.io/validate",
  "https://csm.adobe.io:8443/validate",
  "http://csm.adobe.io/validate",
  "https://169.254.169.254/latest",
  "file:///etc/passwd",
  "csm.adobe.io/validate",
])("%s is never opened", async (validationUrl) => {
  const { ask, opened } = openAdobeDoor();
  expect((await ask({ validationUrl })).status).toBe(401);
  expect(opened).toEqual([]);
});

test("an event that names such a URL beside other members is no question", async () => {
  const { ask, opened } = openAdobeDoor();
  expect((await ask({ validationUrl: URL_OF_ADOBE, id: "1" })).status).toBe(401);
  expect(opened).toEqual([]);
});

test("strangers can't have more than a few opened at once", async () => {
  const { ask, opened, finish, settled } = openAdobeDoor();
  for (let asked = 0; asked < LIMITS.visitsAtOnce + 3; asked += 1) {
    expect((await ask({ validationUrl: `${URL_OF_ADOBE}${asked}` })).status).toBe(200);
  }
  expect(opened).toHaveLength(LIMITS.visitsAtOnce);
  finish(200);
  await settled();
  await ask({ validationUrl: URL_OF_ADOBE });
  expect(opened).toHaveLength(LIMITS.visitsAtOnce + 1);
});
