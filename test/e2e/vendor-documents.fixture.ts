/**
 * The answers of the senders' read APIs, by their paths and queries below the `base` of a source's `fetch`: shaped as their
 * documentation shows it, with values of ours.
 */
export const VENDOR_DOCUMENTS: Readonly<Record<string, object>> = {
  "/bc/companies(b18aed47-c385-49d2-b954-dbdf8ad71780)/customers(130bbd17-dbb9-4790-9b12-2b0e9c9d22c3)": {
    "@odata.etag": 'W/"JzQ0O2Q="',
    id: "130bbd17-dbb9-4790-9b12-2b0e9c9d22c3",
    number: "10000",
    displayName: "Coho Winery",
    type: "Company",
    addressLine1: "192 Market Square",
    city: "Atlanta",
    country: "US",
    phoneNumber: "",
    email: "jim@coho.example",
    currencyCode: "USD",
    blocked: " ",
    lastModifiedDateTime: "2026-11-05T11:59:26.9Z",
  },
  "/bc/companies(b18aed47-c385-49d2-b954-dbdf8ad71780)/items(5d115c9c-44e3-ea11-bb43-000d3a2feca1)": {
    id: "5d115c9c-44e3-ea11-bb43-000d3a2feca1",
    number: "1896-S",
    displayName: "ATHENS Desk",
    type: "Inventory",
    inventory: 4,
    unitPrice: 1000.8,
    lastModifiedDateTime: "2026-11-05T11:59:26.9Z",
  },
  "/bc/companies(b18aed47-c385-49d2-b954-dbdf8ad71780)/salesOrders(5d115c9c-44e3-ea11-bb43-000d3a2feca2)": {
    id: "5d115c9c-44e3-ea11-bb43-000d3a2feca2",
    number: "S-ORD101001",
    customerId: "130bbd17-dbb9-4790-9b12-2b0e9c9d22c3",
    currencyCode: "USD",
    status: "Open",
    totalAmountIncludingTax: 1321.06,
    lastModifiedDateTime: "2026-11-05T11:59:26.9Z",
  },
  "/bc/companies(b18aed47-c385-49d2-b954-dbdf8ad71780)/salesInvoices(5d115c9c-44e3-ea11-bb43-000d3a2feca3)": {
    id: "5d115c9c-44e3-ea11-bb43-000d3a2feca3",
    number: "PS-INV103001",
    customerId: "130bbd17-dbb9-4790-9b12-2b0e9c9d22c3",
    currencyCode: "USD",
    status: "Open",
    totalAmountIncludingTax: 1500,
    lastModifiedDateTime: "2026-11-05T11:59:26.9Z",
  },
  "/sap/API_BUSINESS_PARTNER/A_BusinessPartner('1000667')?$format=json&$expand=to_BusinessPartnerAddress/to_EmailAddress,to_BusinessPartnerAddress/to_PhoneNumber":
    {
      d: {
        BusinessPartner: "1000667",
        BusinessPartnerCategory: "2",
        BusinessPartnerFullName: "Byron Engines GmbH",
        LastChangeDate: "/Date(1793836800000)/",
        LastChangeTime: "PT12H59M57S",
        to_BusinessPartnerAddress: {
          results: [
            {
              CityName: "Walldorf",
              Country: "DE",
              to_EmailAddress: { results: [{ IsDefaultEmailAddress: true, EmailAddress: "ada@byron.example" }] },
              to_PhoneNumber: {
                results: [
                  { PhoneNumber: "123456", InternationalPhoneNumber: "+4962271234", IsDefaultPhoneNumber: true },
                ],
              },
            },
          ],
        },
      },
    },
  "/sap/API_SALES_ORDER_SRV/A_SalesOrder('4800')?$format=json": {
    d: {
      SalesOrder: "4800",
      SoldToParty: "1000667",
      TotalNetAmount: "2656.24",
      TransactionCurrency: "EUR",
      OverallSDProcessStatus: "A",
      LastChangeDateTime: "/Date(1793879997000+0000)/",
    },
  },
  "/sap/API_PRODUCT_SRV/A_Product('TG11')?$format=json&$expand=to_Description": {
    d: {
      Product: "TG11",
      ProductType: "HAWA",
      BaseUnit: "PC",
      LastChangeDateTime: "/Date(1793879997000+0000)/",
      to_Description: {
        results: [
          { Product: "TG11", Language: "DE", ProductDescription: "Handelsware 11" },
          { Product: "TG11", Language: "EN", ProductDescription: "Trad.Good 11" },
        ],
      },
    },
  },
  "/sap/API_BILLING_DOCUMENT_SRV/A_BillingDocument('90000000')?$format=json": {
    d: {
      BillingDocument: "90000000",
      SoldToParty: "1000667",
      TotalNetAmount: "52.65",
      TransactionCurrency: "EUR",
      BillingDocumentIsCancelled: false,
      LastChangeDateTime: null,
    },
  },
  "/xero/Contacts/717f2bfc-c6d4-41fd-b238-3f2f0c0cf777": {
    Id: "f2a5738a-0000-4000-8000-000000000001",
    Status: "OK",
    Contacts: [
      {
        ContactID: "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777",
        ContactStatus: "ACTIVE",
        Name: "Ada Byron",
        EmailAddress: "ada@example.com",
        Addresses: [
          { AddressType: "STREET", City: "London", Region: "", PostalCode: "", Country: "UK" },
          { AddressType: "POBOX", City: "", Region: "", PostalCode: "", Country: "" },
        ],
        Phones: [
          { PhoneType: "DDI", PhoneNumber: "", PhoneAreaCode: "", PhoneCountryCode: "" },
          { PhoneType: "DEFAULT", PhoneNumber: "1234567", PhoneAreaCode: "20", PhoneCountryCode: "44" },
        ],
        UpdatedDateUTC: "/Date(1793879997123+0000)/",
      },
    ],
  },
  "/xero/Invoices/243216c5-369e-4056-ac67-05388f86dc81": {
    Status: "OK",
    Invoices: [
      {
        Type: "ACCREC",
        InvoiceID: "243216c5-369e-4056-ac67-05388f86dc81",
        InvoiceNumber: "INV-0001",
        Contact: { ContactID: "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777", Name: "Ada Byron" },
        DueDateString: "2026-11-19T00:00:00",
        Status: "AUTHORISED",
        Total: 120,
        AmountDue: 70,
        CurrencyCode: "GBP",
        UpdatedDateUTC: "/Date(1793879997123+0000)/",
      },
    ],
  },
  "/qb/310687/customer/1234?minorversion=75": {
    Customer: {
      Id: "1234",
      SyncToken: "3",
      DisplayName: "Byron Engines",
      CompanyName: "Byron Engines Ltd",
      Active: true,
      Balance: 239.5,
      PrimaryEmailAddr: { Address: "ada@byron.example" },
      PrimaryPhone: { FreeFormNumber: "(650) 555-3311" },
      BillAddr: { Line1: "12 Ocean Dr.", City: "Half Moon Bay" },
      MetaData: { CreateTime: "2026-01-05T03:00:00-08:00", LastUpdatedTime: "2026-11-05T03:59:57-08:00" },
    },
    time: "2026-11-05T04:00:00.000-08:00",
  },
  "/qb/1185883450/item/17?minorversion=75": {
    Item: {
      Id: "17",
      Name: "Pump",
      Sku: "P-17",
      UnitPrice: 15,
      Active: true,
      MetaData: { LastUpdatedTime: "2026-11-05T03:59:57-08:00" },
    },
    time: "2026-11-05T04:00:00.000-08:00",
  },
  "/qb/310687/invoice/130?minorversion=75": {
    Invoice: {
      Id: "130",
      DocNumber: "1037",
      TotalAmt: 362.07,
      Balance: 0,
      DueDate: "2026-12-05",
      CurrencyRef: { value: "USD", name: "United States Dollar" },
      CustomerRef: { value: "1234", name: "Byron Engines" },
      MetaData: { LastUpdatedTime: "2026-11-05T03:59:57-08:00" },
    },
    time: "2026-11-05T04:00:00.000-08:00",
  },
  "/zoho/Contacts/5725767000003000010": {
    data: [
      {
        id: "5725767000003000010",
        First_Name: null,
        Last_Name: "Byron",
        Full_Name: "Byron",
        Email: "ada@example.com",
        Phone: null,
        Mailing_City: "Chennai",
        Account_Name: { name: "Byron Engines", id: "5725767000003000011" },
        Modified_Time: "2026-11-05T17:29:57+05:30",
      },
    ],
  },
  "/zoho/Invoices/5725767000003000012": {
    data: [
      {
        id: "5725767000003000012",
        Subject: "Pumps",
        Status: "Approved",
        Grand_Total: 99.5,
        Due_Date: "2026-12-01",
        Account_Name: { name: "Byron Engines", id: "5725767000003000011" },
        Modified_Time: "2026-11-05T17:29:57+05:30",
      },
    ],
  },
};
