import { SALESFORCE_CDC_PRESETS, SALESFORCE_CDC_SOURCES } from "../presets/salesforce-cdc.ts";
import { SALESFORCE_PRESETS, SALESFORCE_SOURCES } from "../presets/salesforce.ts";
import { LIMITS } from "../limits.ts";
import type { SenderRow } from "../sender.ts";
import { ORDINARY_LIMITS, QUIET_REPLY } from "./ordinary.ts";

const ACK =
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>' +
  '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>' +
  "</soapenv:Body></soapenv:Envelope>";

const SAMPLE =
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
  '<soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">' +
  "<OrganizationId>00D0Y000000abcdUAA</OrganizationId><ActionId>04k0Y000000blC9QAI</ActionId>" +
  '<SessionId xsi:nil="true"/><Notification><Id>04l0Y00000pQ0001QAJ</Id>' +
  '<sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>0030Y00000ABCDEQA4</sf:Id>' +
  "<sf:Email>ada@example.com</sf:Email><sf:LastName>Byron</sf:LastName>" +
  "<sf:SystemModstamp>2026-11-05T11:59:57.000Z</sf:SystemModstamp></sObject></Notification></notifications>" +
  "</soapenv:Body></soapenv:Envelope>";

/** Salesforce's Outbound Messages: SOAP, up to 100 notifications, one acknowledgement for all of them. */
export const salesforceOutboundMessage: SenderRow = {
  presets: SALESFORCE_PRESETS,
  presetSources: SALESFORCE_SOURCES,
  name: "salesforce-outbound-message",
  title: "Salesforce Outbound Message",
  check: { type: "token", from: "xml:OrganizationId" },
  body: "salesforce-soap",
  event: {
    split: { at: "notifications" },
    id: ["{event.Id}"],
    type: ["{event.sObject.type}"],
    time: [{ from: "{event.sObject.SystemModstamp}", unit: "iso8601" }],
    data: ["{event.sObject}"],
  },
  reply: { success: { status: 200, body: { text: ACK, type: "text/xml; charset=utf-8" } } },
  limits: { ...ORDINARY_LIMITS, bodyBytes: LIMITS.largeBodyBytes },
  guide: {
    sources: [
      "https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_understanding.htm",
    ],
    order:
      "Salesforce: `SystemModstamp` is set by the system at every change of the record. It says itself that messages may come out of order.",
    surprises: [
      "The message has the record's values at the time of sending: of two quick changes both messages carry the second.",
      "An emptied field is not there at all, so it looks like one that is not selected.",
      "There is no message of a deletion.",
    ],
    steps: [
      "In Salesforce Setup open Outbound Messages and create one for the object.",
      "Paste {url}, whose source name is long and random, as the endpoint URL.",
      "Select the fields that your mappings use, `Id` and `SystemModstamp` always. Leave Send Session ID off.",
      "Add the message to a flow that runs when a record is saved, and activate it.",
    ],
    secret: "The organisation's id, of 15 or 18 characters: Setup, Company Information.",
    notes: [
      "Nothing is signed, and the organisation's id is no secret: who knows the URL can send. Name the source so that nobody guesses it, and allow Salesforce's addresses alone at your proxy.",
      "A message holds the record as it is when it is sent, not when it changed, and there are none for deletions.",
      "A field that was emptied is left out of the message, and so its old value stays. Where every field of a row is selected in the message, say `clears: missing` in that row: what is left out is then cleared.",
      "Salesforce tries for 24 hours.",
    ],
  },
  sample: { headers: { "content-type": "text/xml; charset=utf-8", soapaction: '""' }, body: SAMPLE },
  deadlineMs: 60_000,
};

/** Change Data Capture by way of an event relay and EventBridge's API destinations. */
export const salesforceCdc: SenderRow = {
  presets: SALESFORCE_CDC_PRESETS,
  presetSources: SALESFORCE_CDC_SOURCES,
  name: "salesforce-cdc",
  title: "Salesforce Change Data Capture (EventBridge)",
  check: { type: "any", of: [{ type: "token", from: "header:x-api-key" }, { type: "basic" }, { type: "bearer" }] },
  event: {
    split: "many",
    each: "detail.payload.ChangeEventHeader.recordIds",
    id: [
      "{event.detail.id}:{each}",
      "{event.detail.payload.ChangeEventHeader.transactionKey}:{event.detail.payload.ChangeEventHeader.sequenceNumber}:{each}",
    ],
    type: ["{event.detail.payload.ChangeEventHeader.entityName}.{event.detail.payload.ChangeEventHeader.changeType}"],
    time: [
      { from: "{event.detail.payload.ChangeEventHeader.commitTimestamp}", unit: "ms" },
      { from: "{event.time}", unit: "iso8601" },
    ],
    data: ["{event.detail.payload}"],
    // The order of commitTimestamp is promised; that of commitNumber is not after an organisation moves (Salesforce, Change Event Header Fields).
    version: [{ from: "{event.detail.payload.ChangeEventHeader.commitTimestamp}", unit: "ms" }],
    // Changes of one transaction have one time, and their place in it.
    finer: [
      {
        from: "{event.detail.payload.ChangeEventHeader.commitTimestamp}",
        unit: "ms",
        ordinal: "{event.detail.payload.ChangeEventHeader.sequenceNumber}",
      },
    ],
    delete: [{ in: "{event.detail.payload.ChangeEventHeader.changeType}", fits: "^(?:GAP_)?DELETE$" }],
    thin: [{ in: "{event.detail.payload.ChangeEventHeader.changeType}", fits: "^GAP_" }],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_event_fields_header.htm",
      "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-saas.html",
    ],
    order:
      "Salesforce: `commitTimestamp` is when the change was committed, and `sequenceNumber` its place in the transaction; of `commitNumber` it promises no order after an organisation moved.",
    surprises: [
      "A compound such as `Name` carries the components that changed alone: a surname by itself is no name.",
      "In the Pub/Sub shape each field that did not change is null; only `nulledFields` says what was cleared.",
      "GAP events say that a change was lost and carry no values: fetch the record.",
    ],
    steps: [
      "In Salesforce Setup choose the objects under Change Data Capture and create an event relay to your AWS account.",
      "In Amazon EventBridge associate the partner event source with an event bus.",
      "Create a connection with an API key named `x-api-key` and {secret} as its value, and an API destination with {url}, method POST.",
      "Create a rule for the bus whose target is the API destination, with a dead-letter queue.",
    ],
    secret: "The connection's API key; `user:password` of its basic authentication; or its bearer token.",
    notes: [
      "An update carries only the fields that changed: leave the others alone, and clear only what `nulledFields` names.",
      "One event may name several records; each becomes an event of its own, with the record's id in `recordId`.",
      "A GAP event says that changes were lost on the way: have the record fetched with `fetch`.",
      "Changes are ordered by `commitTimestamp`, and within a transaction by `sequenceNumber`. Salesforce does not promise that `commitNumber` goes on where it was after an organisation moves.",
      "Of a compound, such as a contact's name or an address, an update carries only the components that changed: the preset leaves such a name alone until both its halves come.",
    ],
  },
  sample: {
    body: {
      version: "0",
      id: "5b1c7c2e-4b8e-4d0c-9d0f-0d6f4a1c2b3d",
      "detail-type": "ContactChangeEvent",
      source: "aws.partner/salesforce.com/00D0Y000000abcdUAA/0YLQv0000000001OAQ",
      time: "2026-11-05T11:59:58Z",
      detail: {
        id: "9d8f2a5e-0c1b-4d3e-8f7a-6b5c4d3e2f1a",
        payload: {
          ChangeEventHeader: {
            entityName: "Contact",
            recordIds: ["0030Y00000ABCDEQA4"],
            changeType: "UPDATE",
            transactionKey: "0001ade9-0000-4000-8000-000000000001",
            sequenceNumber: 1,
            commitTimestamp: 1793879997412,
            commitNumber: 1082985383811,
            nulledFields: [],
            changedFields: ["Email", "LastModifiedDate"],
          },
          Email: "ada@example.com",
        },
      },
    },
  },
  deadlineMs: 5_000,
};
