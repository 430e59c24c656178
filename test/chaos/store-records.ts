/** The address of the store's own API, past every faulty proxy. */
export type StoreAddress = { readonly url: string; readonly token: string };

export type StoredRecord = {
  /** Object and external id, as the oracle names records. */
  readonly record: string;
  /** The fields with the record's name, and without those that are null. */
  readonly fields: ReadonlyMap<string, unknown>;
};

/** All records of an object, page by page. */
export async function* readRecords({ url, token }: StoreAddress, object: string): AsyncGenerator<StoredRecord> {
  let next: string | null = `${url}/api/v2/custom_objects/${object}/records?page[size]=100&sort=id`;
  while (next !== null) {
    const response: Response = await fetch(next, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`the store answered ${response.status} to a list of ${object}`);
    const page = (await response.json()) as Page;
    for (const { external_id, name, custom_object_fields } of page.custom_object_records) {
      const fields = new Map(Object.entries(custom_object_fields).filter(([, value]) => value !== null));
      yield { record: `${object} ${external_id}`, fields: fields.set("name", name) };
    }
    next = page.links.next;
  }
}

type Page = {
  readonly custom_object_records: readonly {
    readonly external_id: string;
    readonly name: string;
    readonly custom_object_fields: Readonly<Record<string, unknown>>;
  }[];
  readonly links: { readonly next: string | null };
};
