import { z } from "zod";
import {
  customObject,
  customObjectCreate,
  customObjectField,
  customObjectRecord,
  customObjectUpdate,
  errorEnvelope,
  fieldCreate,
  fieldOption,
  fieldUpdate,
  recordAsSent,
} from "@sluice/zendesk";
import type { Operation } from "./operation.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** The parts of bodies that have a name of their own in the document: none that a language has for itself, such as Record. */
const SENT: Readonly<Record<string, z.ZodType>> = {
  CustomObjectRecordInput: recordAsSent,
  CustomObjectCreate: customObjectCreate,
  CustomObjectUpdate: customObjectUpdate,
  CustomObjectFieldCreate: fieldCreate,
  CustomObjectFieldUpdate: fieldUpdate,
};

/** The parts of answers that have a name of their own. */
const ANSWERED: Readonly<Record<string, z.ZodType>> = {
  CustomObjectRecord: customObjectRecord,
  CustomObject: customObject,
  CustomObjectField: customObjectField,
  CustomFieldOption: fieldOption,
  ErrorAnswer: errorEnvelope,
};

/** `#/components/schemas` of the document: the named parts, and each operation's body and answer around them. */
export function schemasOf(operations: readonly Operation[]): Readonly<Record<string, JsonSchema>> {
  const sent = new Map(Object.entries(SENT));
  const answered = new Map(Object.entries(ANSWERED));
  for (const operation of operations) {
    if (operation.body !== undefined) sent.set(bodyName(operation), operation.body.schema);
    if (operation.answer.schema !== undefined) answered.set(answerName(operation), operation.answer.schema);
  }
  return { ...convert(sent, "input"), ...convert(answered, "output") };
}

export function bodyName({ id }: Operation): string {
  return `${capitalised(id)}Body`;
}

export function answerName({ id }: Operation): string {
  return `${capitalised(id)}Answer`;
}

/** A schema that stands in its place rather than among the components. */
export function inlineSchema(schema: z.ZodType): JsonSchema {
  return withoutAddress(z.toJSONSchema(schema));
}

export function reference(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

/** Bodies are described as they are sent, answers as they leave. */
function convert(schemas: ReadonlyMap<string, z.ZodType>, io: "input" | "output"): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of schemas) registry.add(schema, { id });
  const converted = z.toJSONSchema(registry, { io, uri: (id) => reference(id).$ref }).schemas;
  return Object.fromEntries(Object.entries(converted).map(([id, schema]) => [id, withoutAddress(schema)]));
}

/** A component is found by its place in the document; an address of its own would lead away from it. */
function withoutAddress(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "$schema" && key !== "$id"));
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
