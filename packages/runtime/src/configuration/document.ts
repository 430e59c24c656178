import { LineCounter, isMap, isScalar, isSeq, parseDocument, type Document, type Node } from "yaml";
import type { ConfigurationFault } from "./fault.ts";
import { pathText, type Path } from "./path-text.ts";

/** A YAML file that was read, and where everything in it stands. */
export type YamlDocument = {
  readonly value: unknown;
  /** Faults of the YAML itself. */
  readonly faults: readonly ConfigurationFault[];
  /** Line and column, from 1, of the member or item, or of the nearest thing around it that exists. */
  locate(path: Path): Position;
};

export type Position = { readonly line: number; readonly column: number };

export function readYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const faults = document.errors.map((error) => ({ place: "", ...at(error.pos[0]), message: oneLine(error.message) }));
  return {
    value: faults.length > 0 ? undefined : (document.toJS() as unknown),
    faults,
    locate: (path) => at(offsetOf(document, path)),
  };
}

/** A fault at a path of the document. */
export function faultAt(
  document: YamlDocument,
  path: Path,
  { message, allowed }: { readonly message: string; readonly allowed?: string | undefined },
): ConfigurationFault {
  return { place: pathText(path), ...document.locate(path), message, ...(allowed === undefined ? {} : { allowed }) };
}

function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, " ").trim();
}
