/** A client's credentials, as they came. */
export type ClientCredentials = { readonly id: string; readonly secret: string };

/**
 * The credentials of an `Authorization: Basic` header (RFC 6749 §2.3.1), as id and secret may be meant: encoded as a form does it,
 * which the standard wants, or as they are, which many clients send. Empty: the header has none; undefined: there is no such header.
 */
export function basicCredentials(authorization: string | undefined): readonly ClientCredentials[] | undefined {
  const [, credential] = /^\s*basic(?:\s+(\S*))?\s*$/i.exec(authorization ?? "") ?? [];
  if (!/^\s*basic(?:\s|$)/i.test(authorization ?? "")) return undefined;
  const text = Buffer.from(credential ?? "", "base64").toString("utf8");
  const at = text.indexOf(":");
  if (at < 0) return [];
  const plain = { id: text.slice(0, at), secret: text.slice(at + 1) };
  const decoded = { id: formDecoded(plain.id), secret: formDecoded(plain.secret) };
  return [decoded, plain].flatMap(({ id, secret }) =>
    id === undefined || secret === undefined ? [] : [{ id, secret }],
  );
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}
