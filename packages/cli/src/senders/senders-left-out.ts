/** Senders without a scheme, and why. */
export const SENDERS_LEFT_OUT: readonly (readonly [who: string, why: string])[] = [
  [
    "NetSuite's own event subscriptions",
    "no page of Oracle's tells how they are signed; the `netsuite` scheme brings a script that signs.",
  ],
  [
    "SAP SuccessFactors",
    "public receivers of its external events agree on the SOAP envelope and not on the answer that it takes for a success, and no public page of SAP's tells it; Integration Center posts a body that each customer builds, which `generic-basic` takes.",
  ],
  [
    "PrestaShop",
    "webhooks come with modules of many makers, each with a scheme of its own; PrestaShop itself publishes none.",
  ],
  ["Billit, Podium", "how they sign is published, what their bodies say of id and time is not."],
];
