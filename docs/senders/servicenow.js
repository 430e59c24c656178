(function executeRule(current, previous) {
  var URL = "https://YOUR-HOST/webhooks/servicenow";

  // Fields that are read of each table; a list of your own names those that your mappings use.
  var FIELDS = {
    sys_user: ["name", "email", "phone", "title", "company"],
    customer_contact: ["name", "email", "phone", "title", "account"],
    core_company: ["name", "phone", "website", "city"],
    customer_account: ["name", "phone", "website", "city"],
  };

  var table = current.getTableName();
  var isGone = current.operation() === "delete";
  var fields = {};
  (FIELDS[table] || []).forEach(function (name) {
    fields[name] = current.getValue(name);
  });
  var body = JSON.stringify({
    event_id: gs.generateGUID(),
    occurred_at: new Date().toISOString(),
    record_type: table,
    op: current.operation(),
    id: current.getUniqueValue(),
    // The internal value is UTC, whatever zone the user has.
    last_modified: isGone ? new Date().toISOString() : current.getValue("sys_updated_on").replace(" ", "T") + "Z",
    fields: fields,
  });
  // Escaped, the bytes that are signed are those that are sent, whatever encoding either side assumes.
  body = body.replace(/[^\x20-\x7e]/g, function (unit) {
    return "\\u" + ("0000" + unit.charCodeAt(0).toString(16)).slice(-4);
  });

  var time = String(Math.floor(new Date().getTime() / 1000));
  var key = gs.base64Encode(gs.getProperty("sluice.secret"));
  var request = new sn_ws.RESTMessageV2();
  request.setEndpoint(URL);
  request.setHttpMethod("POST");
  request.setRequestHeader("Content-Type", "application/json");
  request.setRequestHeader("X-Sluice-Timestamp", time);
  request.setRequestHeader("X-Sluice-Signature", new CertificateEncryption().generateMac(key, "HmacSHA256", time + "." + body));
  request.setRequestBody(body);
  request.executeAsync();
})(current, previous);
