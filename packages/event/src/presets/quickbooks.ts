import type { Preset, SenderFetch } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";

/** Intuit gives tokens for a person's consent alone, and they end after an hour. */
export const QUICKBOOKS_FETCH: SenderFetch = {
  base: "https://quickbooks.api.intuit.com/v3/company",
  auth: { bearer: "{variable:ACCESS_TOKEN}" },
  notes: [
    "Access tokens end after an hour: let what renews them write each into a file and say `bearer: ${file:/path/of/it}`, which is read again when it changes.",
  ],
};

/** The ids of an event: one form of event has `intuitaccountid` and `intuitentityid`, the other `realmId` and `id`. */
function ids(of: string): { readonly company: string; readonly record: string } {
  return {
    company: `(${of}.intuitaccountid ? ${of}.intuitaccountid : ${of}.realmId)`,
    record: `(${of}.intuitentityid ? ${of}.intuitentityid : ${of}.id)`,
  };
}

/** The events of an entity, apart from e-mails. */
function changes(entity: string): string {
  const now = `qbo\\.${entity.toLowerCase()}\\.(?:created|updated|merged|deleted|voided)\\.v[0-9]+`;
  return `$contains(type, /^(?:${now}|${entity}\\.(?:Create|Update|Merge|Delete|Void))$/)`;
}

/** The record that a merge takes away: the event is about the record that stays, and names the other. */
function merged(entity: string): NonNullable<Preset["absorbs"]>[number] {
  const lost = "($exists(data.data.deletedid) ? data.data.deletedid : data.deletedId)";
  return {
    when: `$contains(type, /^(?:qbo\\.${entity.toLowerCase()}\\.merged\\.v[0-9]+|${entity}\\.Merge)$/) and $exists(${lost})`,
    externalId: `'quickbooks:' & ${ids("data").company} & ':' & ${lost}`,
  };
}

function document(entity: string): NonNullable<Preset["fetch"]> {
  const { company, record } = ids("data");
  const url = `/{{${company}}}/${entity.toLowerCase()}/{{${record}}}?minorversion=75`;
  return { url, document: entity, gone: 'Fault.Error[0].code = "610"' };
}

const NOTICE = ids("$of");
const SHARED = {
  omitsEmpty: true as const,
  externalId: `($of := notice ? notice : data; 'quickbooks:' & ${NOTICE.company} & ':' & ${NOTICE.record})`,
  version: "notice ? data.MetaData.LastUpdatedTime : time",
  gone: "$contains(type, /[.](?:deleted[.]v[0-9]+|Delete)$/)",
};
const COMPANY = `$prefixed('quickbooks:' & ${ids("notice").company} & ':', data.CustomerRef.value)`;

/** The vendor's pages that explain these members. */
export const QUICKBOOKS_SOURCES: readonly string[] = [
  "https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/customer",
];

/** The mappings of the sender's common objects. */
export const QUICKBOOKS_PRESETS: readonly Preset[] = [
  {
    ...SHARED,
    object: "company",
    when: changes("Customer"),
    absorbs: [merged("Customer")],
    fetch: document("Customer"),
    name: "data.DisplayName",
    fields: fieldsOf({
      email: "data.PrimaryEmailAddr.Address",
      phone: "data.PrimaryPhone.FreeFormNumber",
      city: "data.BillAddr.City",
      balance: "data.Balance",
      active: "data.Active",
    }),
  },
  {
    ...SHARED,
    object: "product",
    when: changes("Item"),
    absorbs: [merged("Item")],
    fetch: document("Item"),
    name: "data.Name",
    fields: fieldsOf({
      sku: "data.Sku",
      price: "data.UnitPrice",
      active: "data.Active",
    }),
  },
  {
    ...SHARED,
    object: "invoice",
    when: changes("Invoice"),
    fetch: document("Invoice"),
    name: "data.DocNumber ? data.DocNumber : data.Id",
    fields: fieldsOf({
      total: "data.TotalAmt",
      open: "data.Balance",
      currency: "data.CurrencyRef.value",
      due: "data.DueDate",
      company: COMPANY,
    }),
  },
];
