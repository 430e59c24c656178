import { userInfo } from "node:os";
import type { Actor } from "@sluice/operator";

/** The caller of a command, as the machine knows them. */
export function invoker(reason?: string): Actor {
  return { actor: userName(), via: "command", reason };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that has no name.
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}
