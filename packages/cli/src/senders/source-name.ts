import type { Scheme } from "@sluice/event";

/** What a source of this sender is called where nobody has said: `shopify`, `hubspot` of `hubspot-v3`. */
export function sourceOf({ name }: Scheme): string {
  return name.replace(/-(?:v\d|webhookkey|httpheader|querystring)$/, "");
}

/** The environment variable that its secret is read from, or another one of its own. No shell takes one that begins with a digit. */
export function variableOf(source: string, what = "SECRET"): string {
  return `${source
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, "_")
    .replace(/^(?=\d)/, "_")}_${what}`;
}
