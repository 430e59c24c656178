import { z } from "zod";

export const signIn = z.object({ token: z.string().min(1).max(500) });

/** Other ways to sign in than with a token. */
export const waysIn = z.object({
  /** The host of the OpenID provider that `/sign-in` leads to; null: there is none. */
  provider: z.string().nullable(),
});

/** `read`: sees everything. `operate`: changes it too. */
export const role = z.enum(["read", "operate"]);
export type ConsoleRole = z.infer<typeof role>;

/** The caller and the Sluice's sources and destinations: all that a page needs before its first view. */
export const session = z.object({
  role,
  /** Null: a token, which is nobody's by name. */
  name: z.string().nullable(),
  version: z.string(),
  /** Whether a history is kept: without one nothing of the past can be told. */
  hasHistory: z.boolean(),
  sources: z.array(z.string()),
  destinations: z.array(z.object({ name: z.string(), objects: z.array(z.string()) })),
});
export type Session = z.infer<typeof session>;
