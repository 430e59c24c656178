import { presetObjects, presetRows, type Sender } from "@sluice/event";
import { SluiceError } from "@sluice/runtime";
import { parseDocument, type Document } from "yaml";
import { signsUrl, thinness, variableOf } from "./guide.ts";

export type NewSource = {
  readonly sender: Sender;
  readonly source: string;
  /** Undefined: the only one that the file has. */
  readonly destination: string | undefined;
};

/**
 * The text of sluice.yaml with one more source, and the objects that its rows write. All that stands there stays as it
 * is, comments too.
 * @throws SluiceError `source_exists`, `destination_missing`, `configuration_invalid`
 */
export function withSource(
  text: string,
  { sender, source, destination }: NewSource,
): { readonly text: string; readonly destination: string } {
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    throw new SluiceError(`sluice.yaml is not YAML: ${document.errors[0]!.message}`, {
      code: "configuration_invalid",
      hint: "mend it first; `sluice config check` tells every fault",
    });
  }
  if (document.hasIn(["sources", source])) {
    throw new SluiceError(`sluice.yaml has a source "${source}" already`, {
      code: "source_exists",
      hint: "give the new one another name with --source NAME",
    });
  }
  const chosen = destination ?? onlyDestination(document);
  const written = {
    scheme: sender.name,
    secrets: [`\${${variableOf(source)}}`],
    ...(signsUrl(sender) ? { public_url: `https://YOUR-HOST/webhooks/${source}` } : {}),
    records: presetRows(sender, chosen),
  };
  const node = document.createNode(written);
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
  return { text: document.toString({ lineWidth: 120 }), destination: chosen };
}

function onlyDestination(document: Document): string {
  const all = Object.keys((document.toJS() as { destinations?: object } | null)?.destinations ?? {});
  if (all.length === 1) return all[0]!;
  throw new SluiceError(all.length === 0 ? "sluice.yaml has no destination" : "sluice.yaml has several destinations", {
    code: "destination_missing",
    hint: all.length === 0 ? "add one under `destinations`" : `choose one with --destination: ${all.join(", ")}`,
  });
}

function commentOf(sender: Sender, source: string): string {
  const lines = [
    `${sender.title}: POST /webhooks/${source}; docs/senders/${sender.name}.md says what to do there.`,
    ...(thinness(sender) === "always"
      ? ["Its events say which record changed and not how: give it a `fetch`, docs/fetch.md."]
      : []),
    ...(sender.presets?.length ? ["The rows are a beginning: change them to what your records are."] : []),
  ];
  return lines.map((line) => ` ${line}`).join("\n");
}
