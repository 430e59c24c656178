/*
 * The names that a record, a field and an object may have: one rule for the configuration, the mappings, the client and the store.
 */

/** The longest key of a record, its external_id or a unique name, in Unicode characters: an emoji is one, and two of JavaScript's. */
export const MAX_KEY_CHARACTERS = 255;

/**
 * Characters that nobody can see may not stand in a record's key, or two records are shown alike: a control character, a byte order
 * mark and all that fonts ignore. Joiners, variation selectors and tags are part of how a letter that is not ASCII is shown, and may
 * follow one. All else counts byte for byte, spaces too.
 */
export const UNSEEN_IN_KEYS =
  /(?<![^\p{ASCII}])[\u200C\u200D\p{Variation_Selector}\u{E0020}-\u{E007F}]|[\u200C\u200D]$|[[\p{Cc}\p{Default_Ignorable_Code_Point}]--[\u200C\u200D\p{Variation_Selector}\u{E0020}-\u{E007F}]]/v;

/** A field's key: letters, digits and underscore, not digits only. */
export const FIELD_KEY = /^(?!\d+$)[A-Za-z0-9_]{1,100}$/;

/** An object's key: as a field's, with hyphens too. */
export const OBJECT_KEY = /^(?!\d+$)[A-Za-z0-9_-]{1,100}$/;

/** Words that stand in an object's place in a path. */
export const RESERVED_OBJECT_KEYS: readonly string[] = ["limits", "records", "fields", "jobs"];

/** Why a text can't be the key of a record; null: it can. */
export function faultOfKeyText(text: string): "blank" | "long" | "unseen" | null {
  if (text.trim() === "") return "blank";
  if (text.length > MAX_KEY_CHARACTERS && [...text].length > MAX_KEY_CHARACTERS) return "long";
  return UNSEEN_IN_KEYS.test(text) ? "unseen" : null;
}
