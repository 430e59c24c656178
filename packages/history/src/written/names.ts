import type { Flown } from "./flown.ts";
import type { Understood } from "./understood.ts";

/**
 * The names by which a search finds a line: a segment's filter is made of them. Each begins with the kind of thing it names, so that an
 * event and a record may be called alike.
 */
export const nameOf = {
  event: (id: string): string => `e${id}`,
  key: (key: string): string => `k${key}`,
  object: (destination: string, object: string): string => `o${destination}/${object}`,
  source: (source: string): string => `s${source}`,
  type: (type: string): string => `t${type}`,
  code: (code: string): string => `c${code}`,
  word: (word: string): string => `w${word}`,
} as const;

export function namesOfUnderstood({ source, fault, events }: Understood): string[] {
  const names = [nameOf.source(source)];
  if (fault !== null) names.push(nameOf.code(fault.code), nameOf.word("dead"));
  for (const { id, type, changes, faults } of events) {
    names.push(nameOf.event(id), nameOf.type(type));
    for (const { record, word } of changes) {
      names.push(nameOf.key(record.key), nameOf.object(record.destination, record.object), nameOf.word(word));
    }
    for (const { code } of faults) names.push(nameOf.code(code), nameOf.word("dead"));
  }
  return names;
}

export function namesOfFlown({ record, verdict, code }: Flown): string[] {
  const names = [nameOf.key(record.key), nameOf.object(record.destination, record.object), nameOf.word(verdict)];
  if (code !== null) names.push(nameOf.code(code));
  return names;
}
