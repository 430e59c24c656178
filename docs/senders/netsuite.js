/**
 * @NApiVersion 2.1
 * @NScriptType UserEventScript
 */
define([
  "N/crypto", "N/crypto/random", "N/encode", "N/https", "N/record", "N/log",
], (crypto, random, encode, https, record, log) => {
  const URL = "https://YOUR-HOST/webhooks/netsuite";

  // Fields that are read of each type of record; a list of your own names those that your mappings use.
  const SALE = ["tranid", "status", "total", "entity"];
  const FIELDS = {
    customer: ["companyname", "firstname", "lastname", "entityid", "email", "phone"],
    contact: ["entityid", "email", "phone", "company"],
    salesorder: SALE,
    invoice: [...SALE, "amountremaining", "duedate"],
    inventoryitem: ["itemid", "displayname"],
    noninventoryitem: ["itemid", "displayname"],
    serviceitem: ["itemid", "displayname"],
  };

  const afterSubmit = ({ type, newRecord, oldRecord }) => {
    const { id, type: recordType } = newRecord ?? oldRecord;
    const isGone = type === "delete";
    // An edit in a list brings only what changed, so the record is read whole.
    const current = isGone ? oldRecord : record.load({ type: recordType, id });
    const read = (fieldId) => current.getValue({ fieldId });
    const lastModified = isGone ? new Date() : read("lastmodifieddate");
    const body = JSON.stringify({
      event_id: random.generateUUID(),
      occurred_at: new Date().toISOString(),
      record_type: recordType,
      op: type,
      id: String(id),
      external_id: read("externalid") || null,
      last_modified: lastModified.toISOString(),
      fields: Object.fromEntries((FIELDS[recordType] ?? []).map((fieldId) => [fieldId, read(fieldId)])),
    });

    const time = String(Math.floor(Date.now() / 1000));
    const key = crypto.createSecretKey({ secret: "custsecret_sluice", encoding: encode.Encoding.UTF_8 });
    const hmac = crypto.createHmac({ algorithm: crypto.HashAlg.SHA256, key });
    hmac.update({ input: time + "." + body, inputEncoding: encode.Encoding.UTF_8 });
    const response = https.post({
      url: URL,
      body,
      headers: {
        "Content-Type": "application/json",
        "X-Sluice-Timestamp": time,
        "X-Sluice-Signature": hmac.digest({ outputEncoding: encode.Encoding.HEX }),
      },
    });
    if (response.code >= 300) log.error("Sluice", response.code + " " + response.body);
  };

  return { afterSubmit };
});
