import { SaxesParser } from "saxes";
import type { Json } from "../event.ts";
import { LIMITS } from "../limits.ts";
import { UnreadableBodyError } from "./unreadable-body.ts";
import { decodeUtf8 } from "./utf8.ts";

const SOAP = "http://schemas.xmlsoap.org/soap/envelope/";
const OUTBOUND = "http://soap.sforce.com/2005/09/outbound";
const INSTANCE = "http://www.w3.org/2001/XMLSchema-instance";

/** A Salesforce Outbound Message without the session id, which would be a credential in the journal. */
export type OutboundMessage = {
  readonly organizationId: string;
  /** `{ OrganizationId, ActionId, notifications: [{ Id, sObject: { type, Id, … } }] }` */
  readonly body: Json;
};

/**
 * Reads SOAP with one message of notifications. A document type is refused, and with it every entity but
 * XML's own five; `OrganizationId` must stand in the whole document once, in its place.
 * @throws UnreadableBodyError
 */
export function readOutboundMessage(bytes: Uint8Array): OutboundMessage {
  const { root, organizations } = parse(decodeUtf8(bytes));
  const body = onlyChild(named(root, SOAP, "Envelope"), SOAP, "Body");
  const message = onlyChild(body, OUTBOUND, "notifications");
  if (organizations !== 1) throw unreadable(`has ${organizations} elements OrganizationId`);
  const organizationId = onlyChild(message, OUTBOUND, "OrganizationId").text;
  const notifications = message.children
    .filter(({ uri, name }) => uri === OUTBOUND && name === "Notification")
    .map((notification) => ({
      Id: onlyChild(notification, OUTBOUND, "Id").text,
      sObject: valueOf(onlyChild(notification, OUTBOUND, "sObject")),
    }));
  const actionId = message.children.find(({ name }) => name === "ActionId")?.text ?? null;
  return { organizationId, body: { OrganizationId: organizationId, ActionId: actionId, notifications } };
}

/** The 18 characters of an id that was given with 15: the last three say which letters are capitals. */
export function expandOrganizationId(id: string): string {
  if (!/^[0-9A-Za-z]{15}$/.test(id)) return id;
  const suffix = [0, 5, 10].map((start) => {
    const capitals = [...id.slice(start, start + 5)].map((letter, at) => (/[A-Z]/.test(letter) ? 1 << at : 0));
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[capitals.reduce((sum, bit) => sum + bit, 0)] ?? "";
  });
  return id + suffix.join("");
}

type XmlElement = {
  readonly uri: string;
  readonly name: string;
  readonly isNil: boolean;
  readonly type: string | undefined;
  readonly children: XmlElement[];
  text: string;
};

function parse(xml: string): { root: XmlElement; organizations: number } {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let organizations = 0;
  parser.on("error", (error) => {
    throw unreadable("is not XML", error);
  });
  parser.on("doctype", () => {
    throw unreadable("has a document type");
  });
  parser.on("opentag", ({ uri, local, attributes }) => {
    const attribute = (name: string): string | undefined =>
      Object.values(attributes).find((each) => each.uri === INSTANCE && each.local === name)?.value;
    const element: XmlElement = {
      uri,
      name: local,
      isNil: attribute("nil") === "true" || attribute("nil") === "1",
      type: attribute("type")?.replace(/^.*:/, ""),
      children: [],
      text: "",
    };
    if (local === "OrganizationId") organizations += 1;
    if (open.length >= LIMITS.maxXmlDepth) throw unreadable(`is nested deeper than ${LIMITS.maxXmlDepth} levels`);
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const addText = (text: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    open.pop();
  });
  parser.write(xml).close();
  if (root === undefined) throw unreadable("is empty");
  return { root, organizations };
}

/** The value of an element. Members have the names of the sObject's fields; ids and numbers stay text, digit for digit. */
function valueOf({ isNil, type, children, text }: XmlElement): Json {
  if (isNil) return null;
  if (children.length === 0 && type === undefined) return text;
  const members = new Map<string, Json>(type === undefined ? [] : [["type", type]]);
  for (const child of children) {
    const before = members.get(child.name);
    const value = valueOf(child);
    // A query's rows come as elements of one name.
    if (before === undefined) members.set(child.name, value);
    else members.set(child.name, Array.isArray(before) ? [...(before as Json[]), value] : [before, value]);
  }
  members.delete("__proto__");
  return Object.fromEntries(members);
}

function named(element: XmlElement, uri: string, name: string): XmlElement {
  if (element.uri !== uri || element.name !== name) throw unreadable(`has no element ${name} where it belongs`);
  return element;
}

function onlyChild({ children }: XmlElement, uri: string, name: string): XmlElement {
  const [child, ...others] = children.filter((each) => each.uri === uri && each.name === name);
  if (child === undefined || others.length > 0) throw unreadable(`has not exactly one element ${name} in its place`);
  return child;
}

function unreadable(what: string, cause?: unknown): UnreadableBodyError {
  return new UnreadableBodyError(`The SOAP message ${what}`, "Send the message as Salesforce writes it.", cause);
}
