import type { Request, Response } from "express";
import type { Quirks } from "@sluice/zendesk";
import { LIMITS } from "./limits.ts";

/** How keys in `custom_object_fields` that the object does not have are taken: left out, or each a 422. */
export type UnknownFields = NonNullable<Quirks["unknownFields"]>;

/**
 * Row 18, for one request: the quirk where the store has one, and else as the request prefers.
 * An honoured preference is told in `Preference-Applied`.
 */
export function unknownFieldsOf(request: Request, response: Response, quirks: Quirks): UnknownFields {
  const preferred = readHandling(request.get("prefer"));
  const unknownFields = quirks.unknownFields ?? (preferred === "strict" ? "refuse" : "leave out");
  const applied = unknownFields === "refuse" ? "strict" : "lenient";
  if (preferred === applied) response.set("Preference-Applied", `handling=${applied}`);
  return unknownFields;
}

/** RFC 7240: elements stand between commas, quoted text may hold some. If a name comes twice the first counts. */
export function readHandling(header: string | undefined): "strict" | "lenient" | undefined {
  const elements = (header ?? "").slice(0, LIMITS.preferCharacters).match(/(?:"(?:[^"\\]|\\.)*"|[^",])+/g) ?? [];
  const first = elements.map((element) => HANDLING.exec(element)).find((match) => match !== null);
  const value = first?.groups?.["value"]?.toLowerCase();
  return value === "strict" || value === "lenient" ? value : undefined;
}

const HANDLING = /^\s*handling\s*(?:=\s*(?<quote>"?)(?<value>[\w-]+)\k<quote>\s*)?(?:;.*)?$/i;
