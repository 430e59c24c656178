import { SHORTEST_SECRET } from "../limits.ts";

/** The text without the credentials in it, except very short ones, which ordinary words could hold. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (cut, secret) => (secret.length < SHORTEST_SECRET ? cut : cut.replaceAll(secret, "[hidden]")),
    text,
  );
}
