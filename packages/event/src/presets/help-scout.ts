import type { Preset } from "../sender.ts";
import { fieldsOf } from "./fields-of.ts";
import { memberOrNull } from "./member-or-null.ts";

/** The vendor's pages that explain these members. */
export const HELP_SCOUT_SOURCES: readonly string[] = [
  "https://developer.helpscout.com/mailbox-api/endpoints/customers/get/",
];

/** The mapping of the sender's customers; its conversations have no common object. */
export const HELP_SCOUT_PRESETS: readonly Preset[] = [
  {
    object: "contact",
    when: 'type in ["customer.created", "customer.updated", "customer.deleted"]',
    externalId: "'help-scout:' & data.id",
    name: "($name := $words(data.firstName, data.lastName); $name ? $name : 'Help Scout customer ' & data.id)",
    version: "time",
    gone: 'operation = "delete"',
    goneByArrival: true,
    fields: fieldsOf({
      email: memberOrNull("data._embedded.emails", "[0].value"),
      phone: memberOrNull("data._embedded.phones", "[0].value"),
      company: "data.organization",
      job_title: "data.jobTitle",
    }),
  },
];
