import { isObject } from "../body/is-object.ts";
import type { SchemeFault } from "./scheme-error.ts";

/**
 * Reads one object of a scheme that a person wrote: hands out its members with their types, and collects in
 * `faults` their faults and, at `end`, the members that nobody asked for. A member at fault reads as undefined.
 */
export class ObjectReader {
  readonly place: string;
  readonly faults: SchemeFault[];
  readonly #members: ReadonlyMap<string, unknown>;
  readonly #asked = new Set<string>();

  constructor(value: unknown, place: string, faults: SchemeFault[], allowed: string) {
    this.place = place;
    this.faults = faults;
    if (!isObject(value)) this.fault("", "is not an object", allowed);
    this.#members = new Map(isObject(value) ? Object.entries(value) : []);
  }

  /** The names of all members. */
  names(): string[] {
    return [...this.#members.keys()];
  }

  has(name: string): boolean {
    this.#asked.add(name);
    return this.#members.has(name);
  }

  raw(name: string): unknown {
    this.#asked.add(name);
    return this.#members.get(name);
  }

  fault(name: string, message: string, allowed: string): undefined {
    const place = [this.place, name].filter((part) => part !== "").join(".");
    this.faults.push({ place, message, allowed });
  }

  /** A text, or `fallback` when it is missing; without a fallback the text must be there. */
  text(name: string, allowed: string, fallback?: string): string | undefined {
    if (!this.has(name) && fallback !== undefined) return fallback;
    const value = this.raw(name);
    if (typeof value === "string") return value;
    return this.fault(name, value === undefined ? "is missing" : "is not text", allowed);
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[], fallback?: Choice): Choice | undefined {
    const allowed = choices.join(", ");
    const value = this.text(name, allowed, fallback);
    if (value === undefined) return undefined;
    const choice = choices.find((each) => each === value);
    return choice ?? this.fault(name, `"${value}" is unknown`, allowed);
  }

  integer(name: string, least: number, most: number, fallback?: number): number | undefined {
    if (!this.has(name) && fallback !== undefined) return fallback;
    const value = this.raw(name);
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
    const message = value === undefined ? "is missing" : "is not such a number";
    return this.fault(name, message, `a whole number from ${least} to ${most}`);
  }

  /** A flag, which can only be `true`: a flag that is not set is left out. */
  flag(name: string): true | undefined {
    const value = this.raw(name);
    return value === true ? value : this.fault(name, "is not true", "true, or nothing");
  }

  header(name: string, fallback?: string): string | undefined {
    const value = this.text(name, HEADER_ALLOWED, fallback);
    return value === undefined ? undefined : this.#headerName(name, value);
  }

  headers(name: string): string[] | undefined {
    const values = this.texts(name, `a list of header names`);
    const names = values?.map((value) => this.#headerName(name, value));
    return names?.every((each) => each !== undefined) ? names : undefined;
  }

  /** A list of texts, or one text that stands for a list of one. */
  texts(name: string, allowed: string): string[] | undefined {
    const value = this.raw(name);
    const values = typeof value === "string" ? [value] : value;
    if (Array.isArray(values) && values.length > 0 && values.every((each) => typeof each === "string")) return values;
    return this.fault(name, value === undefined ? "is missing" : "is not such a list", allowed);
  }

  /** A list of objects, or one object that stands for a list of one. */
  objects(name: string, allowed: string): ObjectReader[] {
    const value = this.raw(name);
    const place = [this.place, name].filter(Boolean).join(".");
    if (!Array.isArray(value)) return [new ObjectReader(value, place, this.faults, allowed)];
    if (value.length === 0) this.fault(name, "is empty", allowed);
    return value.map((each: unknown, index) => new ObjectReader(each, `${place}[${index}]`, this.faults, allowed));
  }

  /** A regular expression, as text. */
  pattern(name: string): string | undefined {
    const pattern = this.text(name, "a regular expression");
    if (pattern === undefined || isPattern(pattern)) return pattern;
    return this.fault(name, "is no regular expression", "a regular expression");
  }

  host(name: string): string | undefined {
    const allowed = "a host's name, without scheme, port or path";
    const host = this.text(name, allowed);
    return host === undefined || /^[a-z0-9.-]+$/.test(host) ? host : this.fault(name, `"${host}" is none`, allowed);
  }

  object(name: string, allowed: string): ObjectReader {
    return new ObjectReader(this.raw(name), [this.place, name].filter(Boolean).join("."), this.faults, allowed);
  }

  /** Faults every member that was not asked for: a misspelt one would otherwise be without effect. */
  end(): void {
    for (const name of this.#members.keys()) {
      if (!this.#asked.has(name)) this.fault(name, "is unknown here", [...this.#asked].join(", "));
    }
  }

  #headerName(name: string, value: string): string | undefined {
    const lower = value.toLowerCase();
    return /^[a-z0-9-]+$/.test(lower) ? lower : this.fault(name, `"${value}" is no header name`, HEADER_ALLOWED);
  }
}

const HEADER_ALLOWED = "a header's name: letters, digits and hyphens";

function isPattern(text: string): boolean {
  try {
    return new RegExp(text).source !== "";
  } catch {
    return false;
  }
}
