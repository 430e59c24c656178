import type { Command } from "commander";

/**
 * By command, calls of it that its help shows. They stand in one place, so that they are read side by side; a test holds each against the
 * command that it calls.
 */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  up: ["sluice up --config sluice.yaml", "sluice up --samples --exit"],
  ingress: ["SLUICE_REDIS_URL=redis://10.0.0.5:6379 sluice ingress"],
  worker: ["SLUICE_REDIS_URL=redis://10.0.0.5:6379 sluice worker"],
  console: ["SLUICE_REDIS_URL=redis://10.0.0.5:6379 sluice console"],
  records: ["sluice records", "SLUICE_RECORDS_TOKEN=secret sluice records --as-zendesk team"],
  "records import": ["sluice records import customers.csv --object customer --empty-clears"],
  "records export": ["sluice records export --object customer --format csv --out customers.csv"],
  status: ["sluice status", "sluice status --watch", "sluice status --json | jq .totals.pendingRecords"],
  audit: ["sluice audit", "sluice audit --json | jq .balanced"],
  types: ["sluice types", "sluice types shopify --json"],
  dead: ["sluice dead list --since 24h"],
  "dead list": ["sluice dead list --source erp --since 24h"],
  "dead show": ["sluice dead show 5d0c6f3b1a2e"],
  "dead replay": [
    "sluice dead replay --code mapping_failed --dry-run",
    "sluice dead replay 5d0c6f3b1a2e --set status=shipped",
  ],
  "dead discard": ["sluice dead discard --source erp --until 2026-11-01T00:00:00Z --dry-run"],
  events: [
    "sluice events --object order --key erp:SO-17 --since 7d",
    "sluice events --outcome dead --since 24h --json | jq -r .id",
  ],
  trace: ["sluice trace evt_1042"],
  tail: ["sluice tail --source shopify --outcome dead", "sluice tail --count 10 --for 1m"],
  issues: ["sluice issues"],
  "issues list": ["sluice issues list --state all --kind held"],
  "issues show": ["sluice issues show 5d0c6f3b1a2e"],
  "issues ack": ['sluice issues ack 5d0c6f3b1a2e --reason "I look"'],
  "issues resolve": ['sluice issues resolve 5d0c6f3b1a2e --reason "their key was renewed"'],
  replay: [
    "sluice replay --source erp --type order.edit --since 7d",
    "sluice replay --source erp --type order.edit --since 7d --yes",
  ],
  "replay list": ["sluice replay list"],
  "replay show": ["sluice replay show 7"],
  "replay run": ["sluice replay run 7"],
  "replay pause": ["sluice replay pause 7"],
  "replay resume": ["sluice replay resume 7"],
  "replay abort": ["sluice replay abort 7"],
  backfill: ["sluice backfill customers.csv --source erp", "sluice backfill customers.csv --source erp --yes"],
  reconcile: ["sluice reconcile crm --object customer --sample 500", "sluice reconcile crm --repair"],
  "reconcile list": ["sluice reconcile list"],
  "reconcile show": ["sluice reconcile show 3"],
  "reconcile abort": ["sluice reconcile abort 3"],
  record: ["sluice record trace customer netsuite:42"],
  "record trace": ["sluice record trace customer netsuite:42"],
  "record show": ["sluice record show customer netsuite:42", 'sluice record show order "SO-17" --name'],
  "record park": ["sluice record park customer netsuite:42"],
  "record unpark": ["sluice record unpark customer netsuite:42"],
  "record retry": ["sluice record retry customer netsuite:42"],
  "record forget": ["sluice record forget customer netsuite:42"],
  "record reorder": ["sluice record reorder order --destination crm"],
  hold: ['sluice hold crm --reason "their migration, until 18:00"'],
  resume: ["sluice resume crm"],
  lanes: ["sluice lanes crm", "sluice lanes crm 4"],
  move: ["sluice move crm zendesk"],
  discard: ["sluice discard old-crm", "sluice discard old-crm --yes"],
  backup: ["sluice backup /backups/sluice-monday"],
  restore: ["SLUICE_DATA_DIR=/var/lib/sluice sluice restore /backups/sluice-monday"],
  schemes: ["sluice schemes", "sluice schemes --json | jq -r '.[].name'"],
  init: ["sluice init shopify", "sluice init shopify --source shop-eu --create"],
  handed: ["sluice handed asana"],
  send: ["sluice send shopify", "sluice send shopify --file body.json --type orders/updated"],
  try: ["sluice try shopify", "sluice try shopify --file body.json"],
  config: ["sluice config check"],
  "config check": ["sluice config check", "sluice config check --recent --online"],
  "config schema": ["sluice config schema > sluice.schema.json"],
  completion: ["source <(sluice completion bash)"],
};

/** Adds to the help of a command, and of those below it, how each is called. */
export function addExamples(command: Command, words: readonly string[] = [command.name()]): void {
  const calls = EXAMPLES[words.join(" ")] ?? [];
  if (calls.length > 0) {
    const title = calls.length === 1 ? "Example:" : "Examples:";
    command.addHelpText("after", ["", title, ...calls.map((call) => `  ${call}`)].join("\n"));
  }
  for (const each of command.commands) addExamples(each, [...words, each.name()]);
}
