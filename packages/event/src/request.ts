/** A webhook as it came in, before anyone trusts it. */
export type WebhookRequest = {
  readonly method: string;
  /** The public URL, as it is registered with the sender; as received where none is configured. */
  readonly url: string;
  /** The path of `url`, without the query. */
  readonly path: string;
  /** The query as it was received, without its question mark; unset: the query of `url`. */
  readonly query?: string;
  /** Lower-case names. Every value stands separately, so that a repeated header can be refused. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** The body after a content encoding was undone, otherwise untouched. */
  readonly body: Uint8Array;
  /** The address of the connection: a proxy's, where one stands before us. */
  readonly remoteAddress?: string;
};

/** The header's only value; undefined when it is missing, repeated or empty. */
export function onlyHeader(request: WebhookRequest, name: string): string | undefined {
  const values = request.headers.get(name);
  return values?.length === 1 && values[0] !== "" ? values[0] : undefined;
}

export function isRepeated(request: WebhookRequest, name: string): boolean {
  return (request.headers.get(name)?.length ?? 0) > 1;
}

/** The query as the caller wrote it, never the registered URL's own: that is no proof. */
export function receivedQuery({ query, url }: Pick<WebhookRequest, "query" | "url">): string {
  const question = url.indexOf("?");
  return query ?? (question < 0 ? "" : url.slice(question + 1));
}
