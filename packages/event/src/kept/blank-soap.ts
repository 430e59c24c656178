import { SaxesParser } from "saxes";

/** The parts of an Outbound Message that tell the event. The others name the organisation, or hold its session. */
const TOLD = new Set(["ActionId", "Notification"]);

/**
 * An Outbound Message whose other parts are empty, with every other character as it was written. A text that can't be
 * read stays as it is: nobody takes it.
 */
export function blankSoap(xml: string): string {
  const spans: [number, number][] = [];
  const open: string[] = [];
  let from = 0;
  const parser = new SaxesParser({ xmlns: true, position: true });
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ local }) => {
    open.push(local);
    if (isPart(open)) from = parser.position;
  });
  parser.on("closetag", ({ local, isSelfClosing }) => {
    const to = xml.lastIndexOf("</", parser.position);
    if (isPart(open) && !TOLD.has(local) && !isSelfClosing && to > from) spans.push([from, to]);
    open.pop();
  });
  try {
    parser.write(xml).close();
  } catch {
    return xml;
  }
  return spans.toReversed().reduce((text, [start, end]) => text.slice(0, start) + text.slice(end), xml);
}

/** Whether a part is open: within Envelope, Body and notifications. */
function isPart(open: readonly string[]): boolean {
  return open.length === 4;
}
