import { FIELDS, OBJECTS } from "./history.ts";
import { SENDERS, SOURCES, type SourceName } from "./sources.ts";

/** The destination's timeout: short, so that much is given up. */
export const DESTINATION_TIMEOUT_MS = 2500;

/** How long after its claim a write may land, where no token is checked: what comes late here comes within that. */
export const SETTLE_AFTER_SILENCE_MS = 20_000;

/** The `sluice.yaml` of a run: every source may change every object, and one event may change two records. */
export function chaosConfiguration(storeUrl: string, token: string): string {
  return `
sources:
${SOURCES.map(source).join("\n")}
destinations:
  crm:
    kind: zendesk
    url: ${storeUrl}
    auth: { bearer: "${token}" }
    requests_per_minute: 100000
    concurrency: 6
    batch: 20
    timeout: ${DESTINATION_TIMEOUT_MS}ms
    settle_after_silence: ${SETTLE_AFTER_SILENCE_MS}ms
objects:
${OBJECTS.map(
  (object) => `  ${object.key}:
    title: ${object.key}
    title_pluralized: ${object.key}s
    fields:
${FIELDS.map(({ key, type }) => `      ${key}: { type: ${type}, title: ${key} }`).join("\n")}`,
).join("\n")}
`;
}

function source(name: SourceName): string {
  const { scheme, secret, publicUrl } = SENDERS[name];
  return `  ${name}:
    scheme: ${scheme}
    secrets: ["${secret}"]${publicUrl === undefined ? "" : `\n    public_url: ${publicUrl}`}
    records:
${OBJECTS.flatMap(({ key }) => [updating(key, `${key}.updated`, "data"), deleting(key)]).join("\n")}
${["contact", "product"].map((key) => updating(key, "pair.updated", `data.${key}`)).join("\n")}`;
}

function updating(object: string, type: string, data: string): string {
  return `      - when: type = "${type}"
${target(object, data)}
        name: ${data}.name
        fields: { ${FIELDS.map(({ key }) => `${key}: ${data}.set.${key}`).join(", ")} }`;
}

function deleting(object: string): string {
  return `      - when: type = "${object}.deleted"
${target(object, "data")}
        delete: true`;
}

function target(key: string, data: string): string {
  const arrival = OBJECTS.find((object) => object.key === key)?.order === "arrival";
  return `        destination: crm
        object: ${key}
        external_id: "'${key}-' & $string(${data}.record)"${arrival ? "" : `\n        version: ${data}.version`}`;
}
