import { FIELDS, OBJECTS } from "./history.ts";
import { SENDERS, SOURCES, type SourceName } from "./sources.ts";

/** The destination's timeout: short, so that many writes are given up. */
export const DESTINATION_TIMEOUT_MS = 2500;

/** How long after its claim a write may land, where no token is checked: late writes come within that here. */
export const SETTLE_AFTER_SILENCE_MS = 20_000;

export type ChaosConfiguration = {
  readonly destination?: string;
  /** Replicas that must have an event before it is acknowledged; 0: none is asked for. */
  readonly replicas?: number;
  /** Lanes of the destination. */
  readonly lanes?: number;
  /** A setting that may change at any moment. */
  readonly title?: string;
};

/** The `sluice.yaml` of a run: every source may change every object, and one event may change two records. */
export function chaosConfiguration(storeUrl: string, token: string, options: ChaosConfiguration = {}): string {
  const { destination = "crm", replicas = 0, lanes = 1, title = "" } = options;
  return `
sources:
${SOURCES.map((name) => source(name, destination)).join("\n")}
${replicas === 0 ? "" : `ack: { replicas: ${replicas} }`}
destinations:
  ${destination}:
    kind: zendesk
    url: ${storeUrl}
    auth: { bearer: "${token}" }
    requests_per_minute: 100000
    concurrency: 6
    lanes: ${lanes}
    batch: 20
    timeout: ${DESTINATION_TIMEOUT_MS}ms
    settle_after_silence: ${SETTLE_AFTER_SILENCE_MS}ms
objects:
${OBJECTS.map(
  (object) => `  ${object.key}:
    title: ${object.key}${title}
    title_pluralized: ${object.key}s
    fields:
${FIELDS.map(({ key, type }) => `      ${key}: { type: ${type}, title: ${key} }`).join("\n")}`,
).join("\n")}
`;
}

function source(name: SourceName, destination: string): string {
  const { scheme, secret, publicUrl } = SENDERS[name];
  return `  ${name}:
    scheme: ${scheme}
    secrets: ["${secret}"]${publicUrl === undefined ? "" : `\n    public_url: ${publicUrl}`}
    records:
${OBJECTS.flatMap(({ key }) => [updating(destination, key, `${key}.updated`, "data"), deleting(destination, key)]).join("\n")}
${["contact", "product"].map((key) => updating(destination, key, "pair.updated", `data.${key}`)).join("\n")}`;
}

function updating(destination: string, object: string, type: string, data: string): string {
  return `      - when: type = "${type}"
${target(destination, object, data)}
        name: ${data}.name
        fields: { ${FIELDS.map(({ key }) => `${key}: ${data}.set.${key}`).join(", ")} }`;
}

function deleting(destination: string, object: string): string {
  return `      - when: type = "${object}.deleted"
${target(destination, object, "data")}
        delete: true`;
}

function target(destination: string, key: string, data: string): string {
  const arrival = OBJECTS.find((object) => object.key === key)?.order === "arrival";
  return `        destination: ${destination}
        object: ${key}
        external_id: "'${key}-' & $string(${data}.record)"${arrival ? "" : `\n        version: ${data}.version`}`;
}
