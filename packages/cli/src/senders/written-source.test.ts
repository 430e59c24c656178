import { findSender } from "@sluice/event";
import { readConfiguration } from "@sluice/runtime";
import { expect, test } from "vitest";
import { withSource } from "./written-source.ts";

const FILE = `# What Sluice does.
sources:
  erp: # the old one
    scheme: generic-hmac
    secrets: [hush]
    records: []
destinations:
  crm: { kind: zendesk, url: "http://127.0.0.1:1", auth: { bearer: none } } # ours
objects:
  contact: { title: Person, title_pluralized: People, fields: { email: { title: Mail } } }
`;
const shopify = { sender: findSender("shopify")!, source: "shopify", destination: undefined };

test("a new source stands beside what is there, whose comments stay, and the file is right", () => {
  const text = withSource(FILE, shopify) ?? "";
  for (const comment of ["# What Sluice does.", "# the old one", "# ours"]) expect(text).toContain(comment);
  expect(text).toContain("# Shopify: POST /webhooks/shopify");
  const { sources, objects } = readConfiguration(text, { path: "sluice.yaml", env: { SHOPIFY_SECRET: "hush" } });
  expect([...sources.keys()]).toEqual(["erp", "shopify"]);
  expect(sources.get("shopify")?.mappings.length).toBe(8);
  // An existing object keeps its title and fields; missing fields are added.
  expect(objects.get("contact")?.title).toBe("Person");
  expect([...objects.get("contact")!.fields.keys()]).toEqual(["email", "phone", "city", "country"]);
  expect([...objects.keys()]).toEqual(["contact", "order", "product"]);
});

test("a source that is there is left, also where its scheme is named by an alias; only another sender's is a fault", () => {
  const text = withSource(FILE, shopify) ?? "";
  expect(withSource(text, shopify)).toBeNull();
  const dataverse = { sender: findSender("dataverse")!, source: "dataverse", destination: "crm" };
  expect(
    withSource("sources: { dataverse: { scheme: dataverse } }\ndestinations: { crm: {} }\n", dataverse),
  ).toBeNull();
});

test("what has to be fetched comes with the address and the credentials to put in, and is right once they are", () => {
  const xero = { sender: findSender("xero")!, source: "books", destination: undefined };
  const text = withSource(FILE, xero) ?? "";
  expect(text).toContain("# The client is a custom connection");
  const env = { BOOKS_SECRET: "hush", BOOKS_CLIENT_ID: "me", BOOKS_CLIENT_SECRET: "hush" };
  const { fetch, mappings } = readConfiguration(text, { path: "sluice.yaml", env }).sources.get("books")!;
  expect(fetch?.auth).toMatchObject({ oauth: { clientId: "me", tokenUrl: "https://identity.xero.com/connect/token" } });
  expect(mappings[0]?.fetch?.written.text).toBe("https://api.xero.com/api.xro/2.0/Contacts/{{data.resourceId}}");
});

test("where events may carry the values, the fetch stands there as a comment, which is right too", () => {
  const text = withSource(FILE, { sender: findSender("zoho-crm")!, source: "zoho", destination: undefined }) ?? "";
  expect(
    readConfiguration(text, { path: "sluice.yaml", env: { ZOHO_SECRET: "hush" } }).sources.get("zoho")?.fetch,
  ).toBeNull();
  const comment = text.split("\n").flatMap((line) => /^ {4}# {3}(.*)$/.exec(line)?.[1] ?? []);
  const source = ["  zoho:", "    scheme: zoho-crm", "    secrets: [hush]", ...comment.map((line) => `    ${line}`)];
  const written = FILE.replace("sources:\n", `sources:\n${source.join("\n")}\n`);
  const env = { ZOHO_CLIENT_ID: "me", ZOHO_CLIENT_SECRET: "hush" };
  const { mappings } = readConfiguration(written, { path: "sluice.yaml", env }).sources.get("zoho")!;
  expect(mappings[0]?.fetch?.written.text).toBe("https://www.zohoapis.com/crm/v8/Contacts/{{recordId}}");
});

test.each([
  ["a name that is another sender's", FILE, { ...shopify, source: "erp" }, "source_exists"],
  ["a destination that the file lacks", FILE, { ...shopify, destination: "nowhere" }, "destination_missing"],
  ["no destination", "sources: {}\n", shopify, "destination_missing"],
  ["what is no YAML", "sources: {\n  a: [\n", shopify, "configuration_invalid"],
])("%s is told, and nothing is written", (_, text, source, code) => {
  expect(() => withSource(text, source)).toThrow(expect.objectContaining({ code }));
});
