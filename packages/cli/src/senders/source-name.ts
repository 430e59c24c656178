import type { Scheme } from "@sluice/event";

/** The name of a source of this sender where nobody has given one: `shopify`, `hubspot` of `hubspot-v3`. */
export function sourceOf({ name }: Scheme): string {
  return name.replace(/-(?:v\d|webhookkey|httpheader|querystring)$/, "");
}

/** The environment variable of a source's secret, or of another setting. No shell takes a name that begins with a digit. */
export function variableOf(source: string, what = "SECRET"): string {
  return `${source
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, "_")
    .replace(/^(?=\d)/, "_")}_${what}`;
}
