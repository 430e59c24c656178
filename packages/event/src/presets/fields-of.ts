import type { Preset } from "../sender.ts";

type Fields = Preset["fields"];

/** The fields of all presets: of each key, one title and one type, whichever sender it comes from. */
const FIELDS = {
  active: { title: "Active", type: "checkbox" },
  balance: { title: "Balance", type: "decimal" },
  cancelled: { title: "Cancelled", type: "checkbox" },
  city: { title: "City", type: "text" },
  company: { title: "Company", type: "text" },
  contact: { title: "Contact", type: "text" },
  country: { title: "Country", type: "text" },
  currency: { title: "Currency", type: "text" },
  customer: { title: "Customer", type: "text" },
  description: { title: "Description", type: "text" },
  domain: { title: "Domain", type: "text" },
  due: { title: "Due", type: "date" },
  email: { title: "E-mail", type: "text" },
  family: { title: "Family", type: "text" },
  first_name: { title: "First name", type: "text" },
  industry: { title: "Industry", type: "text" },
  job_title: { title: "Job title", type: "text" },
  kind: { title: "Kind", type: "text" },
  label: { title: "Name", type: "text" },
  last_name: { title: "Last name", type: "text" },
  legal_name: { title: "Name", type: "text" },
  number: { title: "Number", type: "text" },
  open: { title: "Open", type: "decimal" },
  phone: { title: "Phone", type: "text" },
  price: { title: "Price", type: "decimal" },
  sku: { title: "SKU", type: "text" },
  status: { title: "Status", type: "text" },
  stock: { title: "Stock", type: "decimal" },
  total: { title: "Total", type: "decimal" },
  unit: { title: "Unit", type: "text" },
  vendor: { title: "Vendor", type: "text" },
  website: { title: "Website", type: "text" },
} as const satisfies { readonly [key: string]: Omit<Fields[number], "key" | "from"> };

/** The fields of an object, each with the JSONata that makes its value. */
export function fieldsOf(from: { readonly [Key in keyof typeof FIELDS]?: string }): Fields {
  return Object.entries(from).map(([key, expression]) => ({
    key,
    ...FIELDS[key as keyof typeof FIELDS],
    from: expression,
  }));
}
