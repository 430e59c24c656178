import { DATAVERSE_PRESETS, DATAVERSE_SOURCES } from "../presets/dataverse.ts";
import type { Check } from "../scheme.ts";
import type { SenderRow } from "../sender.ts";

function dataverse(name: string, title: string, from: string, credential: string): SenderRow {
  const check: Check = { type: "token", from };
  const [place = "", key = ""] = from.split(":");
  return {
    name,
    title,
    check,
    body: "dataverse",
    event: {
      // A synchronous step has no system job: its OperationId is the nil GUID, which is no id.
      id: ["{event.OperationId}"],
      type: ["{event.PrimaryEntityName}.{event.MessageName}"],
      time: [
        { from: "{event.Target.modifiedon}", unit: "iso8601" },
        { from: "{event.OperationCreatedOn}", unit: "dotnet" },
      ],
      // Columns count whole seconds; a job is made once, and its second attempt repeats the time.
      finer: [
        { from: "{event.OperationCreatedOn}", unit: "dotnet" },
        { from: "{event.Target.modifiedon}", unit: "iso8601" },
      ],
      data: ["{event.Target}"],
      delete: [{ in: "{event.MessageName}", fits: "^Delete$" }],
      // Above 256 KB Dataverse leaves the record out.
      thin: [{ lacks: "{event.InputParameters}" }],
    },
    guide: {
      sources: [
        "https://learn.microsoft.com/en-us/power-apps/developer/data-platform/use-webhooks",
        "https://learn.microsoft.com/en-us/power-apps/developer/data-platform/register-web-hook",
      ],
      order:
        "Microsoft: `modifiedon` is when the record last changed, `OperationCreatedOn` when the job was made. Asynchronous jobs run in any order.",
      surprises: [
        "A synchronous step has no job: its `OperationId` is the nil GUID, which is no id.",
        "Above 256 KB the record is left out of the body, and a header says so: the event is thin.",
        "Columns that did not change are not there; `fullname` is a column of its own and comes only when it is among them.",
        "Dates are `/Date(milliseconds)/`, and a zone behind them does not move the moment.",
      ],
      steps: [
        "Start the Plug-in Registration Tool, connect to the environment and choose Register, Register New Web Hook.",
        `Paste {url} as the endpoint URL; as authentication choose ${credential}.`,
        "Register a step for each message (Create, Update, Delete) and table, stage PostOperation, asynchronous.",
        "Limit an Update step to the columns that your mappings use.",
      ],
      secret: `The value of ${place === "query" ? "the parameter" : "the header"} \`${key}\`.`,
      notes: [
        "Nothing is signed: the value proves the caller alone.",
        "Use asynchronous steps: with a synchronous one a failure aborts what the user saves.",
        "Dataverse tries once more, after a 502, 503 or 504. What fails then is a failed system job.",
        "Mappings see the changed columns by name, with `PrimaryEntityId` and `PrimaryEntityName`.",
      ],
    },
    sample: {
      headers: {
        "content-type": "application/json; charset=utf-8",
        "x-request-id": "6f1c1c1e-0000-4000-8000-000000000001",
        "x-ms-dynamics-organization": "acme.crm4.dynamics.com",
        "x-ms-dynamics-entity-name": "contact",
        "x-ms-dynamics-request-name": "Update",
      },
      body: {
        CorrelationId: "b374239d-4233-41a9-8b17-a86cb4f737b5",
        Depth: 1,
        InputParameters: [
          {
            key: "Target",
            value: {
              __type: "Entity:http://schemas.microsoft.com/xrm/2011/Contracts",
              Attributes: [
                { key: "firstname", value: "Ada" },
                { key: "lastname", value: "Byron" },
                { key: "emailaddress1", value: "ada@example.com" },
                { key: "contactid", value: "6d81597f-0f9f-e711-8122-000d3aa2331c" },
                { key: "modifiedon", value: "/Date(1793879997000)/" },
              ],
              Id: "6d81597f-0f9f-e711-8122-000d3aa2331c",
              LogicalName: "contact",
              RowVersion: "2098763",
            },
          },
        ],
        MessageName: "Update",
        OperationId: "4af10637-4ea2-e711-8122-000d3aa2331c",
        OperationCreatedOn: "/Date(1793879998412-0700)/",
        OrganizationName: "acme",
        PrimaryEntityId: "6d81597f-0f9f-e711-8122-000d3aa2331c",
        PrimaryEntityName: "contact",
        Stage: 40,
      },
    },
    deadlineMs: 60_000,
    presets: DATAVERSE_PRESETS,
    presetSources: DATAVERSE_SOURCES,
  };
}

export const dataverseWebhookKey = dataverse(
  "dataverse-webhookkey",
  "Dynamics 365 / Dataverse (WebhookKey)",
  "query:code",
  "WebhookKey and enter {secret}",
);

export const dataverseHttpHeader = dataverse(
  "dataverse-httpheader",
  "Dynamics 365 / Dataverse (HttpHeader)",
  "header:x-sluice-key",
  "HttpHeader and add the key `x-sluice-key` with the value {secret}",
);

export const dataverseQueryString = dataverse(
  "dataverse-querystring",
  "Dynamics 365 / Dataverse (HttpQueryString)",
  "query:skey",
  "HttpQueryString and add the key `skey` with the value {secret}",
);
