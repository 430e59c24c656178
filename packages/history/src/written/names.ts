import type { Flown } from "./flown.ts";
import type { Understood } from "./understood.ts";

/**
 * The names by which a search finds a line: a segment's filter is made of them. Each begins with the kind of thing it names, so that an
 * event and a record may be called alike.
 */
export const searchName = {
  event: (id: string): string => `e${id}`,
  key: (key: string): string => `k${key}`,
  object: (destination: string, object: string): string => `o${destination}/${object}`,
  source: (source: string): string => `s${source}`,
  type: (type: string): string => `t${type}`,
  code: (code: string): string => `c${code}`,
  word: (word: string): string => `w${word}`,
} as const;

export function namesOfUnderstood({ source, fault, events }: Understood): string[] {
  const names = [searchName.source(source)];
  if (fault !== null) names.push(searchName.code(fault.code), searchName.word("dead"));
  for (const { id, type, changes, faults } of events) {
    names.push(searchName.event(id), searchName.type(type));
    for (const { record, word } of changes) {
      names.push(
        searchName.key(record.key),
        searchName.object(record.destination, record.object),
        searchName.word(word),
      );
    }
    for (const { code } of faults) names.push(searchName.code(code), searchName.word("dead"));
  }
  return names;
}

export function namesOfFlown({ record, verdict, code }: Flown): string[] {
  const names = [
    searchName.key(record.key),
    searchName.object(record.destination, record.object),
    searchName.word(verdict),
  ];
  if (code !== null) names.push(searchName.code(code));
  return names;
}
