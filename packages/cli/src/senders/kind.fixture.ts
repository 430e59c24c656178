import type { Sender } from "@sluice/event";

/**
 * The table of kinds: for each kind of fault, the part of a sender that was looked at and the check that holds it. `kinds.test.ts` carries out
 * `run`; `test` is the title of a test that stands elsewhere, and has to be there; `none` says why the sender can't have the fault, and
 * `run` then proves it.
 */
export type Cell = { readonly looked: string } & (
  | { readonly run: () => void | Promise<void>; readonly none?: string }
  | { readonly test: string; readonly in: string }
);

export type Kind = { readonly name: string; readonly cell: (sender: Sender) => Cell };

export const SOAP = "packages/event/src/events/sender-events.test.ts";

export const isThin = ({ event }: Sender): boolean => event.thin === "always";
export const hasPreset = ({ presets = [] }: Sender): boolean => presets.length > 0;
