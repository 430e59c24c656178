import type { Json, Sender } from "@sluice/event";

/** A webhook in which a preset's object has a value in each field that the preset reads. */
export type PresetSample = {
  readonly object: string;
  readonly body: Json;
  readonly headers?: Readonly<Record<string, string>>;
};

const AT = "2026-11-05T11:59:57Z";
const AT_MS = 1_793_879_997_000;

/** The sender with this webhook for its sample. */
export function sampledWith(sender: Sender, { body, headers = {} }: PresetSample): Sender {
  return { ...sender, sample: { ...sender.sample, body, headers: { ...sender.sample.headers, ...headers } } };
}

/** The webhooks of a sender, one for each object of its presets; none for a sender whose documents are fetched, or that writes XML. */
export function presetSamples({ name }: Sender): readonly PresetSample[] {
  return SAMPLES[name.replace(/^dataverse-.*$/, "dataverse").replace(/^hubspot-.*$/, "hubspot")] ?? [];
}

const cdc = (object: string, entityName: string, fields: object): PresetSample => ({
  object,
  body: {
    "detail-type": "x",
    detail: {
      id: "e",
      payload: {
        ChangeEventHeader: { entityName, recordIds: ["801"], changeType: "UPDATE", commitTimestamp: AT_MS },
        ...(fields as { [member: string]: Json }),
      },
    },
  },
});

const property = (object: string, propertyName: string, propertyValue: string): PresetSample => ({
  object,
  body: [
    {
      eventId: 1,
      subscriptionType: `${object}.propertyChange`,
      objectId: 5,
      occurredAt: AT_MS,
      propertyName,
      propertyValue,
    },
  ],
});

const dataverse = (object: string, entity: string, columns: Readonly<Record<string, Json>>): PresetSample => ({
  object,
  body: {
    MessageName: "Update",
    OperationId: "o",
    OperationCreatedOn: `/Date(${AT_MS})/`,
    PrimaryEntityId: "r-1",
    PrimaryEntityName: entity,
    InputParameters: [
      {
        key: "Target",
        value: {
          Attributes: Object.entries({ modifiedon: `/Date(${AT_MS})/`, ...columns }).map(([key, value]) => ({
            key,
            value,
          })),
        },
      },
    ],
  },
});

const contracts = (kind: string): string => `${kind}:http://schemas.microsoft.com/xrm/2011/Contracts`;
const SALE = {
  name: "S-1",
  totalamount: { __type: contracts("Money"), Value: 7.5 },
  statuscode: { __type: contracts("OptionSetValue"), Value: 2 },
  customerid: { __type: contracts("EntityReference"), Id: "c-1", LogicalName: "account" },
};

const script = (object: string, record_type: string, fields: Readonly<Record<string, Json>>): PresetSample => ({
  object,
  body: {
    event_id: "e",
    record_type,
    op: "update",
    id: "5",
    external_id: "C-5",
    occurred_at: AT,
    last_modified: AT,
    fields,
  },
});

const odoo = (object: string, _model: string, values: Readonly<Record<string, Json>>): PresetSample => ({
  object,
  body: { _model, _id: 3, _action: "a", write_date: "2026-11-05 11:59:57", ...values },
});

const zoho = (object: string, module: string, values: Readonly<Record<string, Json>>): PresetSample => ({
  object,
  body: {
    token: "hush",
    ids: ["7"],
    module,
    operation: "insert",
    server_time: AT_MS,
    affected_values: [{ record_id: "7", values }],
  },
});

const pipedrive = (object: string, entity: string, data: Readonly<Record<string, Json>>): PresetSample => ({
  object,
  body: { data, previous: null, meta: { action: "change", entity, entity_id: "1", id: "m", timestamp: AT } },
});

const shopify = (object: string, topic: string, body: Readonly<Record<string, Json>>): PresetSample => ({
  object,
  body: { id: 7, updated_at: AT, ...body },
  headers: { "x-shopify-topic": topic, "x-shopify-triggered-at": AT },
});

const stripe = (object: string, type: string, of: Readonly<Record<string, Json>>): PresetSample => ({
  object,
  body: { id: "evt_1", type, created: AT_MS / 1000, data: { object: of } },
});

const woocommerce = (object: string, topic: string, body: Readonly<Record<string, Json>>): PresetSample => ({
  object,
  body: { id: 9, date_modified_gmt: "2026-11-05T11:59:57", ...body },
  headers: { "x-wc-webhook-topic": topic, "x-wc-webhook-event": "updated" },
});

const NETSUITE_SALE = { tranid: "S-1", status: "open", total: 12.5, entity: "7" };

const SAMPLES: Readonly<Record<string, readonly PresetSample[]>> = {
  "salesforce-cdc": [
    cdc("contact", "Contact", { Name: { FirstName: "Ada", LastName: "Byron" }, Email: "ada@example.com", Phone: "1" }),
    cdc("company", "Account", { Name: "Byron Engines", Phone: "1", Industry: "x" }),
    cdc("order", "Order", { OrderNumber: "101", Status: "Draft", TotalAmount: 5, AccountId: "001" }),
    cdc("product", "Product2", { Name: "Pump", ProductCode: "P-1", Family: "Pumps", IsActive: true }),
  ],
  hubspot: [
    ...["email", "firstname", "lastname", "phone", "city"].map((name) => property("contact", name, "x")),
    ...["name", "domain", "industry", "city"].map((name) => property("company", name, "x")),
    ...["name", "hs_sku"].map((name) => property("product", name, "x")),
    property("product", "price", "9.90"),
  ],
  dataverse: [
    dataverse("contact", "contact", {
      fullname: "Ada Byron",
      emailaddress1: "ada@example.com",
      telephone1: "1",
      address1_city: "London",
    }),
    dataverse("company", "account", {
      name: "Byron Engines",
      emailaddress1: "a@example.com",
      telephone1: "1",
      websiteurl: "https://x.example",
    }),
    dataverse("order", "salesorder", SALE),
    dataverse("product", "product", {
      name: "Pump",
      productnumber: "P-1",
      price: { __type: contracts("Money"), Value: 3 },
    }),
    dataverse("invoice", "invoice", SALE),
  ],
  netsuite: [
    script("company", "customer", {
      companyname: "Byron Engines",
      entityid: "7 Byron",
      email: "a@example.com",
      phone: "1",
    }),
    script("contact", "contact", { entityid: "Ada Byron", email: "ada@example.com", phone: "1", company: "7" }),
    script("order", "salesorder", NETSUITE_SALE),
    script("invoice", "invoice", { ...NETSUITE_SALE, duedate: "2026-12-01T08:00:00.000Z" }),
    script("product", "inventoryitem", { itemid: "P-1", displayname: "Pump" }),
  ],
  servicenow: [
    script("contact", "customer_contact", {
      name: "Ada Byron",
      email: "ada@example.com",
      phone: "1",
      title: "Analyst",
      account: "227c",
    }),
    script("contact", "sys_user", {
      name: "Ada Byron",
      email: "ada@example.com",
      phone: "1",
      title: "x",
      company: "227c",
    }),
    script("company", "core_company", {
      name: "Byron Engines",
      phone: "1",
      website: "https://x.example",
      city: "London",
    }),
  ],
  "odoo-url-secret": [
    odoo("contact", "res.partner", { name: "Ada Byron", email: "ada@example.com", phone: "1", city: "London" }),
    odoo("order", "sale.order", { name: "S-1", state: "sale", amount_total: 10, partner_id: 14 }),
    odoo("product", "product.template", { name: "Pump", default_code: "P-1", list_price: 3 }),
    odoo("invoice", "account.move", {
      name: "INV/1",
      state: "posted",
      amount_total: 10,
      amount_residual: 4,
      invoice_date_due: "2026-12-01",
      partner_id: 14,
    }),
  ],
  "zoho-crm": [
    zoho("contact", "Contacts", {
      First_Name: "Ada",
      Last_Name: "Byron",
      Email: "ada@example.com",
      Phone: "1",
      Mailing_City: "London",
      Mailing_Country: "UK",
    }),
    zoho("company", "Accounts", {
      Account_Name: "Byron Engines",
      Phone: "1",
      Website: "https://x.example",
      Industry: "x",
      Billing_City: "London",
    }),
    zoho("product", "Products", { Product_Name: "Pump", Product_Code: "P-1", Unit_Price: 3, Qty_in_Stock: 4 }),
    zoho("order", "Sales_Orders", {
      Subject: "Pumps",
      Status: "Open",
      Grand_Total: 10,
      Account_Name: { id: "8", name: "Byron Engines" },
    }),
    zoho("invoice", "Invoices", {
      Subject: "Pumps",
      Status: "Open",
      Grand_Total: 10,
      Due_Date: "2026-12-01",
      Account_Name: { id: "8", name: "Byron Engines" },
    }),
  ],
  "help-scout": [
    {
      object: "contact",
      body: {
        id: 29418,
        firstName: "Ada",
        lastName: "Byron",
        organization: "Byron Engines",
        jobTitle: "Engineer",
        updatedAt: AT,
        _embedded: { emails: [{ value: "ada@example.com" }], phones: [{ value: "1" }] },
      },
    },
  ],
  pipedrive: [
    pipedrive("contact", "person", {
      name: "Ada Byron",
      emails: [{ value: "ada@example.com", primary: true }],
      phones: [{ value: "1", primary: true }],
    }),
    pipedrive("company", "organization", { name: "Byron Engines", website: "https://x.example", industry: 3 }),
    pipedrive("product", "product", { name: "Pump", code: "P-1", unit: "kg", prices: [{ price: 3, currency: "EUR" }] }),
  ],
  shopify: [
    shopify("contact", "customers/update", {
      first_name: "Ada",
      last_name: "Byron",
      email: "ada@example.com",
      phone: "1",
      default_address: { city: "London", country_code: "GB" },
    }),
    shopify("order", "orders/updated", {
      name: "#7",
      financial_status: "paid",
      total_price: "35.00",
      currency: "EUR",
      customer: { id: 8 },
    }),
    shopify("product", "products/update", {
      title: "Pump",
      status: "active",
      vendor: "Byron",
      variants: [{ price: "3.00", sku: "P-1" }],
    }),
  ],
  stripe: [
    stripe("contact", "customer.updated", {
      id: "cus_1",
      name: "Ada Byron",
      email: "ada@example.com",
      phone: "1",
      balance: 500,
      currency: "eur",
    }),
    stripe("product", "product.updated", { id: "prod_1", name: "Pump", active: true, description: "A pump" }),
    stripe("invoice", "invoice.paid", {
      id: "in_1",
      object: "invoice",
      number: "INV-1",
      status: "paid",
      total: 500,
      currency: "eur",
      customer: "cus_1",
    }),
  ],
  woocommerce: [
    woocommerce("contact", "customer.updated", {
      first_name: "Ada",
      last_name: "Byron",
      email: "ada@example.com",
      username: "ada",
      billing: { phone: "1", city: "London" },
    }),
    woocommerce("order", "order.updated", {
      number: "9",
      status: "processing",
      total: "35.00",
      currency: "EUR",
      customer_id: 8,
    }),
    woocommerce("product", "product.updated", { name: "Pump", status: "publish", sku: "P-1", price: "3.00" }),
  ],
};
