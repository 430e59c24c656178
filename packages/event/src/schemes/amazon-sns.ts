import type { MembersContent } from "../scheme.ts";
import type { SenderRow } from "../sender.ts";
import { QUIET_REPLY } from "./ordinary.ts";

/** Names and values, a line each; the text that was published may have lines of its own. */
const LINES = { absent: "left out", as: "{name}\n{value}", between: "\n", end: "\n", free: "Message" } as const;

const NOTIFICATION: MembersContent = {
  where: { member: "Type", is: ["Notification"] },
  members: ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
  optional: ["Subject"],
  ...LINES,
};

const CONFIRMATION: MembersContent = {
  where: { member: "Type", is: ["SubscriptionConfirmation", "UnsubscribeConfirmation"] },
  members: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
  ...LINES,
};

/** The host of a region. A wider pattern would fit other hosts of the same domain, whose files are anybody's. */
const HOST = String.raw`sns\.[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d{1,2}\.amazonaws\.com(?:\.cn)?`;

/** SNS: an envelope around whatever is published to a topic, with its signature inside. */
export const amazonSns: SenderRow = {
  name: "amazon-sns",
  title: "Amazon SNS",
  check: {
    type: "members",
    signature: "Signature",
    encoding: "base64",
    alg: { from: "SignatureVersion", is: { "1": "rsa-sha1", "2": "rsa-sha256" } },
    key: "pem-bundle",
    content: [NOTIFICATION, CONFIRMATION],
    // SNS tries for an hour at most, and says in each try when the message was published.
    ts: { from: "Timestamp", unit: "iso8601", toleranceSec: 3_900 },
    remote: {
      url: "SigningCertURL",
      urlPattern: String.raw`https://${HOST}/SimpleNotificationService-[0-9a-f]{32}\.pem`,
      recipient: "TopicArn",
      recipientPattern: String.raw`arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?`,
    },
  },
  handshakes: [
    {
      kind: "signed-visit",
      field: "SubscribeURL",
      where: { member: "Type", is: "SubscriptionConfirmation" },
      host: HOST,
    },
  ],
  event: {
    // The published text is a document of its own more often than not.
    json: ["Message"],
    id: ["{event.MessageId}"],
    type: [
      "{event.Message.type}",
      "{event.Message.eventType}",
      "{event.Message.notificationType}",
      "{event.Message.detail-type}",
      "{event.Type}",
    ],
    time: [{ from: "{event.Timestamp}", unit: "iso8601" }],
    data: ["{event.Message}"],
  },
  reply: QUIET_REPLY,
  guide: {
    sources: [
      "https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html",
      "https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html",
      "https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html",
    ],
    order:
      "Amazon: `Timestamp` is when the message was published, in milliseconds; of a standard topic the order of deliveries is nobody's promise. Where the published document has the record's own time, write that as the version.",
    surprises: [
      "Anybody with an account at Amazon can have SNS sign and send: the topic's ARN is the secret's place for that reason, and messages of other topics are refused.",
      "With raw message delivery nothing is signed, and everything is refused: leave it off.",
      "Signed are the message, its id, subject, time, topic and type; attributes are not, and are not read.",
      "A topic signs with SHA-1 until its attribute `SignatureVersion` is 2.",
      "A deletion looks like what its publisher calls it: give it a row with `delete: true`.",
      "The message that says that the subscription has ended is an event too, of the type `UnsubscribeConfirmation`.",
    ],
    steps: [
      "In Amazon SNS open the topic and copy its ARN into the source's `secrets`; set its attribute `SignatureVersion` to 2.",
      "Create a subscription with the protocol HTTPS and {url}, without raw message delivery, and give it a dead-letter queue.",
      "Sluice confirms the subscription by itself; the first message after a start may be answered with 503 until Amazon's certificate has been fetched, and SNS sends it again.",
    ],
    secret:
      "The topic's ARN, such as `arn:aws:sns:eu-central-1:111122223333:orders`. Or Amazon's certificate itself, as PEM.",
    notes: [
      "SNS waits for 15 seconds, tries three more times 20 seconds apart unless the delivery policy says otherwise, and never for longer than an hour; what is refused with 4xx is not sent again.",
      "A message that is JSON is `data`; another text is `data` as it is.",
    ],
  },
  sample: {
    headers: {
      "content-type": "text/plain; charset=UTF-8",
      "x-amz-sns-message-type": "Notification",
      "x-amz-sns-message-id": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
      "x-amz-sns-topic-arn": "arn:aws:sns:eu-central-1:111122223333:customers",
    },
    body: {
      Type: "Notification",
      MessageId: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
      TopicArn: "arn:aws:sns:eu-central-1:111122223333:customers",
      Subject: "Customer updated",
      Message: '{"type":"customer.updated","id":"C-1042","email":"ada@example.com"}',
      Timestamp: "2026-11-05T11:59:57.412Z",
      SignatureVersion: "2",
      Signature: "",
      SigningCertURL:
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-00000000000000000000000000000000.pem",
      UnsubscribeURL: "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe",
    },
  },
  deadlineMs: 15_000,
};
