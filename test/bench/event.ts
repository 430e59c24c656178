import { findScheme, sign } from "@sluice/event";

/** The events of one run. The same batch is the same bytes in every process and for every contestant. */
export type Batch = {
  /** Part of every record's key: keeps runs apart. */
  readonly name: string;
  readonly events: number;
  readonly records: number;
  /** Of the signatures; within the scheme's tolerance of now. */
  readonly signedAtMs: number;
};

export type SignedEvent = { readonly headers: { readonly [name: string]: string }; readonly body: Buffer };

export const PATH = "/webhooks/erp";
export const SECRET = `whsec_${Buffer.from("a secret that guards a benchmark").toString("base64")}`;

/** How many times each record of the batch changes; the last change carries this revision. */
export function lastRevision({ events, records }: Batch): number {
  return events / records;
}

/** The updates go round all records, one after the other, each time with the next revision. */
export function signedEvent(batch: Batch, index: number): SignedEvent {
  const scheme = findScheme("standard-webhooks");
  if (scheme === undefined) throw new Error("there is no scheme standard-webhooks");
  const body = Buffer.from(JSON.stringify(customerUpdated(batch, index)));
  const headers = { "content-type": "application/json", "webhook-id": `msg_${batch.name}_${index}` };
  const request = {
    method: "POST",
    url: `http://127.0.0.1${PATH}`,
    path: PATH,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body,
  };
  return { headers: { ...headers, ...sign(scheme, request, SECRET, batch.signedAtMs) }, body };
}

function customerUpdated({ name, records, signedAtMs }: Batch, index: number): object {
  const number = index % records;
  const modifiedAt = new Date(signedAtMs - 3_600_000 + index).toISOString();
  return {
    type: "customer.updated",
    timestamp: modifiedAt,
    data: {
      id: `${name}-${number}`,
      companyName: `Northwind Traders ${number} GmbH`,
      category: ["gold", "silver", "bronze"][index % 3],
      balance: (index * 7919) % 100_000,
      currency: "EUR",
      creditLimit: 50_000,
      paymentTerms: "net 30",
      email: `accounts.payable+${number}@northwind.example`,
      phone: "+49 30 1234567",
      billingAddress: {
        street: "Unter den Linden 77",
        city: "Berlin",
        postalCode: "10117",
        country: "DE",
      },
      salesRep: { id: 4711, name: "Erika Mustermann", region: "EMEA Central" },
      tags: ["wholesale", "newsletter", "priority"],
      customFields: { industry: "Food & Beverages", vatNumber: "DE123456789", accountManagerSince: "2019-04-01" },
      isActive: true,
      revision: Math.floor(index / records) + 1,
      lastModified: modifiedAt,
    },
  };
}
