import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { hindrancesOf, LOOKED_AT, NO_BROWSER } from "../../services/console/src/page/browser.fixture.ts";
import { grave, openSeenSluice, order, type SeenSluice } from "./seen-sluice.fixture.ts";

const executable = inject("chromium");
let seen: SeenSluice;

beforeAll(async () => {
  if (executable !== null) seen = await openSeenSluice(executable);
});
afterAll(async () => await seen?.close());

test("what is printed first is an address that signs in, and shows what became of the samples", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  expect(seen.output().slice(0, seen.output().indexOf(" ingress "))).toContain(seen.address.href);
  const { page, complaints } = await seen.look();
  await page.getByText("Everything is accounted for").waitFor();
  await page.getByRole("link", { name: "by cause" }).click();
  await page.getByRole("link", { name: '$toNumber of "about 1,400"' }).waitFor();
  await page.goto(`${seen.address.origin}/sources/billing`);
  await page.getByText("no row wants it").waitFor();
  expect(complaints).toEqual([]);
});

test("while a destination is held one sees why a record waits, parks it, lets the others go, and puts it back", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  const { page, complaints } = await seen.look("/destinations/crm");
  await page.getByRole("button", { name: "Hold crm" }).click();
  await page.getByLabel("Reason").fill("their upgrade");
  await page.getByRole("button", { name: "Hold it" }).click();
  await page.getByText("“their upgrade”").waitFor();
  await seen.send(order("SO-parked", 1, { status: "open", total: "10.00" }));
  await seen.send(order("SO-free", 1, { status: "open", total: "20.00" }));
  await page.goto(`${seen.address.origin}/records`);
  await page.getByRole("link", { name: "crm/order/erp:SO-parked" }).click();
  await page.getByText("crm is held (an operator: their upgrade)").waitFor();
  await page.getByRole("button", { name: "Park" }).click();
  await page.getByLabel("Reason").fill("a dispute");
  await page.getByRole("dialog").getByRole("button", { name: "Park" }).click();
  await page.getByText("An operator parked it").waitFor();

  await page.goto(`${seen.address.origin}/destinations/crm`);
  await page.getByRole("button", { name: "Resume crm" }).click();
  await page.getByRole("button", { name: "Resume it" }).click();
  await page.getByRole("button", { name: "Hold crm" }).waitFor();
  await page.goto(`${seen.address.origin}/records/crm/order/${encodeURIComponent("erp:SO-free")}`);
  await page.getByText("up to date").waitFor();
  await page.goto(`${seen.address.origin}/records?list=parked`);
  await page.getByRole("link", { name: "crm/order/erp:SO-parked" }).click();
  await page.getByRole("button", { name: "Put back" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Put back" }).click();
  await page.getByText("up to date").waitFor();
  expect(complaints).toEqual([]);
});

test("a refused write is mended by an edit, and an event by another, each after its plan was shown", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  await seen.send(order("SO-refused", 1, { status: "lost", total: "10.00" }));
  const { page, complaints } = await seen.look("/letters");
  await page.getByRole("link", { name: /Status: is invalid/ }).click();
  await page.getByRole("link", { name: "erp:SO-refused" }).click();
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("status", { exact: true }).fill("shipped");
  await page.getByRole("button", { name: "Plan the replay" }).click();
  await page.getByText("1 would be sent again.").waitFor();
  await page.getByRole("button", { name: "Replay 1" }).click();
  await page.getByText("Done:").waitFor();
  await page.goto(`${seen.address.origin}/records/crm/order/${encodeURIComponent("erp:SO-refused")}`);
  await page.getByText("up to date").waitFor();

  await page.goto(`${seen.address.origin}/letters`);
  await page.getByRole("link", { name: '$toNumber of "about 1,400"' }).click();
  await page.getByRole("link", { name: /^erp-\d+-13$/ }).click();
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("data.total", { exact: true }).fill('"1400.00"');
  await page.getByRole("button", { name: "Plan the replay" }).click();
  await page.getByText("1 would be mapped again.").waitFor();
  await page.getByRole("button", { name: "Replay 1" }).click();
  await page.getByText("Done:").waitFor();
  await page.goto(`${seen.address.origin}/letters`);
  await page.getByText("No dead letters").waitFor();
  // A letter that is shown is asked for again when something was done with it, and is gone.
  expect(grave(complaints)).toEqual([]);
});

test("all of a cause are discarded after their plan was shown, and the audit log says who did and why", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  for (const at of [1, 2, 3]) await seen.send(order(`SO-discard-${at}`, 1, { total: `about ${at}` }));
  const { page, complaints } = await seen.look("/letters");
  await page.getByRole("link", { name: /^\$toNumber of "about \d"/ }).click();
  await page.getByRole("button", { name: "Discard all" }).click();
  await page.getByText("3 would be discarded.").waitFor();
  await page.getByLabel("Reason").fill("sent by mistake");
  await page.getByRole("button", { name: "Discard 3" }).click();
  await page.getByText("Done:").waitFor();
  await page.goto(`${seen.address.origin}/audit`);
  await page
    .getByRole("row", { name: /letters.discard.*sent by mistake/ })
    .first()
    .waitFor();
  expect(complaints).toEqual([]);
});

test("what a body would become is tried: expressions, what it loses against, the exact request", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  await seen.send(order("SO-tried", 7, { status: "open", total: "10.00" }));
  const { page, complaints } = await seen.look("/try?source=erp");
  await page.getByLabel("Body").fill(order("SO-tried", 6, { status: "closed", account: "A-1" }));
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("signed body, by secret 1").waitFor();
  await page.getByRole("cell", { name: "'erp:' & data.number" }).waitFor();
  const status = page.getByRole("row", { name: /^status closed/ });
  await status.getByText("is older than what is known").waitFor();
  await status.getByText("version 7 of erp").waitFor();
  await page.getByRole("row", { name: /^customer A-1 would be written/ }).waitFor();
  await page.getByText("/api/v2/custom_objects/order/records?external_id=erp%3ASO-tried").waitFor();
  await page.getByLabel("Source").selectOption("shopify");
  await page.getByLabel("Begin with a sample").selectOption({ index: 1 });
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("authentic", { exact: true }).waitFor();
  await page
    .getByRole("heading", { name: /^orders\/|^customers\// })
    .first()
    .waitFor();
  expect(complaints).toEqual([]);
});

test("an event is found by its record, and told from the door to the destination's answer", async ({ skip }) => {
  skip(executable === null, NO_BROWSER);
  await seen.send(order("SO-found", 1, { status: "open", total: "10.00" }));
  const { page, complaints } = await seen.look();
  await page.getByRole("link", { name: "Events", exact: true }).click();
  await page.getByLabel("Record’s key").fill("erp:SO-found");
  await page.getByRole("button", { name: "Find" }).click();
  const found = page.getByRole("row", { name: /SO-found-1 order.edit erp applied crm\/order\/erp:SO-found/ });
  await found.waitFor();
  expect(new URL(page.url()).searchParams.get("key")).toBe("erp:SO-found");
  await page.getByLabel("Outcome").selectOption("dead");
  await page.getByText("No event is like that").waitFor();
  await page.goBack();
  await page.goto(`${seen.address.origin}/events?key=erp%3ASO-found`);
  await found.getByRole("link", { name: "SO-found-1" }).click();
  await page.getByText("Received from erp, proven with its secret 1.").waitFor();
  await page.getByText(/^crm answered 20[01]/).waitFor();
  await page.getByRole("row", { name: "status open written" }).waitFor();
  await page.getByLabel("Request of attempt 1").getByText("SO-found").first().waitFor();
  await page.getByLabel("Answer to attempt 1").getByText("SO-found").first().waitFor();
  await page.getByLabel("Body of the webhook").getByText('"SO-found-1"').waitFor();
  expect(grave(complaints)).toEqual([]);
});

test("somebody who never saw it finds, from Now on, why a record shows an old value, and mends it", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  // Somebody typed revision 9 instead of 2: the order's next revisions are older than that.
  await seen.send(order("SO-old", 9, { status: "open", total: "10.00" }));
  await seen.send(order("SO-old", 3, { status: "shipped", total: "12.00" }));
  const { page, complaints } = await seen.look("/events?key=erp%3ASO-old");
  // The history is a second or two behind, and a search for a text is made once.
  await page.getByRole("link", { name: "SO-old-3" }).waitFor();
  await page.getByRole("link", { name: "Now", exact: true }).click();
  await page.getByRole("link", { name: "Records", exact: true }).click();
  await page.getByLabel("Object").selectOption("order");
  // The number of the order is what a person knows; its mapping put `erp:` before it.
  await page.getByLabel("Key, as it stands at the destination").fill("SO-old");
  await page.getByRole("button", { name: "Show it" }).click();
  await page.getByText("Nothing is known of this record").waitFor();
  await page.getByRole("link", { name: "Find the events that have “SO-old” in their body" }).click();
  await page.getByRole("link", { name: "crm/order/erp:SO-old" }).first().click();

  // The value that stands, the one that was refused, and why.
  await page.getByText("A value that came in later was refused, because its version is older.").waitFor();
  const status = page.locator(".fields > li").filter({ has: page.getByRole("heading", { name: "status" }) });
  await status.getByText("open confirmed").waitFor();
  await status.getByText("shipped older than what was there").waitFor();
  await status.getByText("Its version 3 is older than 9, which event SO-old-9 of erp set.").waitFor();
  await page
    .getByText(/^A change of SO-old-3 \(erp, order.edit\) was older than all that the record holds\.$/)
    .waitFor();

  // The mend that the page names: forget the versions, then send the right event again.
  await page.getByRole("button", { name: "Forget" }).click();
  await page.getByLabel("Reason").fill("revision 9 was a slip");
  await page.getByRole("dialog").getByRole("button", { name: "Forget" }).click();
  await page.getByText("Its versions are forgotten.").waitFor();
  await status.getByRole("link", { name: "SO-old-3" }).click();
  await page.getByText("superseded: older than what its record has").waitFor();
  await page.getByRole("link", { name: "Try it, or send it again" }).click();
  await page.getByRole("row", { name: /^status shipped would be written/ }).waitFor();
  await page.getByLabel("Reason").fill("revision 9 was a slip");
  await page.getByRole("button", { name: "Send it" }).click();
  await page.getByText("applied: written").waitFor();
  await page.getByText("Sent by an operator from the console, as a webhook of erp.").waitFor();
  await page.getByLabel("Answer to attempt 1").getByText('"shipped"').waitFor();

  await page.getByRole("heading", { name: "crm/order/erp:SO-old", exact: true }).getByRole("link").click();
  await page.getByText("up to date").waitFor();
  await status.getByText("shipped confirmed").waitFor();
  await page.goto(`${seen.address.origin}/audit?target=erp`);
  await page.getByRole("row", { name: /webhook.send erp stored revision 9 was a slip/ }).waitFor();
  expect(grave(complaints)).toEqual([]);
});

test("an event of the past is tried again; under its own id it is a repetition, and nothing is done", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  await seen.send(order("SO-past", 1, { status: "open", total: "10.00" }));
  const { page, complaints } = await seen.look("/events?key=erp%3ASO-past");
  await page.getByRole("link", { name: "SO-past-1" }).waitFor();
  await page.goto(`${seen.address.origin}/try?source=erp`);
  const past = page.getByLabel("Or with an event of the past");
  await past.getByRole("option", { name: /SO-past-1, order.edit/ }).waitFor({ state: "attached" });
  await past.selectOption({ index: 1 });
  await page.getByText("signed body, by secret 1").waitFor();
  expect(await page.getByLabel("Body, signed here").inputValue()).toContain('"number": "SO-past"');
  await page.getByLabel("Under the id that it has").check();
  await page.getByRole("button", { name: "Send it" }).click();
  await page.getByText("duplicate: a repetition").waitFor();
  expect(grave(complaints)).toEqual([]);
});

test("in light and dark colours and on a narrow screen the views of the past are whole, fit, and hinder nobody", async ({
  skip,
}) => {
  skip(executable === null, NO_BROWSER);
  await seen.send(order("SO-seen", 9, { status: "open", total: "10.00" }));
  await seen.send(order("SO-seen", 3, { status: "shipped", total: "12.00" }));
  const { page, complaints } = await seen.look("/events?key=erp%3ASO-seen", LOOKED_AT);
  await page.getByRole("link", { name: "SO-seen-3" }).waitFor();
  const written = await page.getByRole("link", { name: "SO-seen-9" }).getAttribute("href");
  const refused = await page.getByRole("link", { name: "SO-seen-3" }).getAttribute("href");
  const views = {
    "/events": "Came in",
    "/events?key=erp%3ASO-seen&since=1h": "Reason that it is dead",
    [written!]: "Answer to attempt 1",
    [refused!]: "Its version 3 is older than 9",
    "/records/crm/order/erp%3ASO-seen": "Its version 3 is older than 9",
    [`/try?source=erp&event=${written!.slice("/events/".length)}`]: "Under the id that it has",
  };
  for (const [path, says] of Object.entries(views)) {
    await page.goto(seen.address.origin + path);
    await (
      says.startsWith("Answer") ? page.getByLabel(says) : page.getByText(says).filter({ visible: true }).first()
    ).waitFor();
    expect(await hindrancesOf(page), path).toEqual([]);
  }
  // Two days later each time has its day before it, which once ran into what happened then.
  await page.clock.setFixedTime(Date.now() + 2 * 86_400_000);
  await page.setViewportSize({ width: 1240, height: 800 });
  for (const path of [written!, "/records/crm/order/erp%3ASO-seen"]) {
    await page.goto(seen.address.origin + path);
    await page.locator(".way time", { hasText: "," }).first().waitFor();
    expect(
      await page.evaluate<number>(`Math.min(...[...document.querySelectorAll(".way > li > time")].map((time) => {
        const text = document.createRange();
        text.selectNodeContents(time);
        return time.nextElementSibling.getBoundingClientRect().left - text.getBoundingClientRect().right;
      }))`),
      path,
    ).toBeGreaterThan(16);
  }
  expect(grave(complaints)).toEqual([]);
});
