/** Names by which a header or parameter with a credential is known even where the scheme doesn't speak of it. */
const CREDENTIAL = /(?:^|[-_])(?:authorization|cookie|signature|hmac|mac|token|secret|password|api[-_]?key)(?:[-_]|$)/i;

export function isCredentialName(name: string): boolean {
  return CREDENTIAL.test(name);
}
