import { findSender, presetFetches, presetObjects, presetRows, type Sender } from "@sluice/event";
import { SluiceError } from "@sluice/runtime";
import { isMap, isScalar, parseDocument, type Document, type Node, type Scalar } from "yaml";
import { fetchAsComment, fetchComment, fetchOf } from "./written-fetch.ts";
import { signsUrl, thinness } from "./guide.ts";
import { variableOf } from "./source-name.ts";

export type NewSource = {
  readonly sender: Sender;
  readonly source: string;
  /** The rows' destination; undefined: the only one of the file. */
  readonly destination: string | undefined;
};

/**
 * The text of sluice.yaml with one more source, and the objects that its rows write. All that stands there stays as it
 * is, comments too; null: the source of this sender is there already.
 * @throws SluiceError `source_exists` where its name is another sender's, `destination_missing`, `configuration_invalid`
 */
export function withSource(text: string, { sender, source, destination }: NewSource): string | null {
  const document = parseYaml(text);
  if (document.hasIn(["sources", source])) {
    const scheme = document.getIn(["sources", source, "scheme"]);
    if (typeof scheme === "string" && findSender(scheme)?.name === sender.name) return null;
    throw new SluiceError(`sluice.yaml has a source "${source}" already, and it is not of ${sender.name}`, {
      code: "source_exists",
      hint: "give the new one another name with --source NAME",
    });
  }
  const chosen = chosenDestination(document, destination);
  const fetched = presetFetches(sender) === "always";
  const written = {
    scheme: sender.name,
    secrets: [`\${${variableOf(source)}}`],
    ...(signsUrl(sender) ? { public_url: `https://YOUR-HOST/webhooks/${source}` } : {}),
    ...(fetched ? { fetch: fetchOf(sender, source) } : {}),
    records: presetRows(sender, chosen, fetched),
  };
  const node = document.createNode(written);
  commentOn(node, "fetch", fetchComment(sender));
  commentOn(node, "records", fetchAsComment(sender, source));
  node.commentBefore = commentOf(sender, source);
  if (!document.has("sources")) document.set("sources", document.createNode({}));
  document.setIn(["sources", source], node);
  for (const [key, object] of presetObjects(sender)) {
    if (!document.hasIn(["objects", key])) document.setIn(["objects", key], document.createNode(object));
    for (const [field, definition] of Object.entries(object.fields)) {
      const place = ["objects", key, "fields", field];
      if (!document.hasIn(place)) document.setIn(place, document.createNode(definition));
    }
  }
  return document.toString({ lineWidth: 120 });
}

/** @throws SluiceError `configuration_invalid` */
export function parseYaml(text: string): Document {
  const document = parseDocument(text);
  if (document.errors.length === 0) return document;
  throw new SluiceError(`sluice.yaml is not YAML: ${document.errors[0]!.message}`, {
    code: "configuration_invalid",
    hint: "mend it first; `sluice config check` tells every fault",
  });
}

function chosenDestination(document: Document, chosen: string | undefined): string {
  const all = Object.keys((document.toJS() as { destinations?: object } | null)?.destinations ?? {});
  if (chosen !== undefined && all.includes(chosen)) return chosen;
  if (chosen === undefined && all.length === 1) return all[0]!;
  if (chosen !== undefined && all.length > 0) {
    throw new SluiceError(`sluice.yaml has no destination "${chosen}"`, {
      code: "destination_missing",
      hint: `choose one with --destination: ${all.join(", ")}`,
    });
  }
  throw new SluiceError(all.length === 0 ? "sluice.yaml has no destination" : "sluice.yaml has several destinations", {
    code: "destination_missing",
    hint: all.length === 0 ? "add one under `destinations`" : `choose one with --destination: ${all.join(", ")}`,
  });
}

function commentOn(node: Node, member: string, lines: readonly string[]): void {
  const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === member) : undefined;
  if (pair !== undefined && lines.length > 0)
    (pair.key as Scalar).commentBefore = lines.map((line) => ` ${line}`).join("\n");
}

function commentOf(sender: Sender, source: string): string {
  const lines = [
    `${sender.title}: POST /webhooks/${source}; docs/senders/${sender.name}.md says what to do there.`,
    ...(thinness(sender) === "always" && sender.fetch === undefined
      ? ["Its events say which record changed and not how: give it a `fetch`, docs/fetch.md."]
      : []),
    ...(sender.presets?.length ? ["The rows are a beginning: change them to what your records are."] : []),
  ];
  return lines.map((line) => ` ${line}`).join("\n");
}
