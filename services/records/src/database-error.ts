import { ANSWERS, COMPLAINTS, Refusal, type Complaint } from "@sluice/zendesk";

/** The rules that the database itself holds, and how breaking one is answered. */
const CONSTRAINTS: Readonly<Record<string, () => Complaint>> = {
  record_external_id: COMPLAINTS.externalIdTaken,
  record_unique_name: COMPLAINTS.nameTaken,
  record_size: COMPLAINTS.recordTooLarge,
  object_key: () => COMPLAINTS.attribute("key", "has already been taken", "DuplicateValue"),
  field_key: () => COMPLAINTS.attribute("key", "has already been taken", "DuplicateValue"),
};

/** The refusal that an error of either driver means for the caller; undefined when the fault is nobody's but ours. */
export function refusalOfDatabaseError(error: unknown): Refusal | undefined {
  const { code, constraint } = factsOf(error);
  if (code === undefined) return undefined;
  const complaint = constraint === undefined ? undefined : CONSTRAINTS[constraint];
  if (complaint !== undefined) return Refusal.invalid([complaint()], error);
  // Serialization failure and deadlock: all that a retry mends.
  if (code === "40001" || code === "40P01") return new Refusal(ANSWERS.conflict(), { cause: error });
  if (AWAY.test(code)) return new Refusal(ANSWERS.unavailable(), { cause: error });
  return undefined;
}

/** Two writers of one new key met on another index than the one that arbitrates them. */
export function isDuplicate(error: unknown): boolean {
  return factsOf(error).code === "23505";
}

/** Whether what was to be written made it fail, rather than the database: a rule, a value, or another writer. */
export function isOfTheData(error: unknown): boolean {
  return /^(22|23|40)/.test(factsOf(error).code ?? "");
}

/** No connection, starting up or shutting down, too many connections, a statement cut short. */
const AWAY = /^(08...|57P0.|57014|53300|E(CONN|HOST|NET|PIPE|TIMEDOUT|NOTFOUND).*)$/;

function factsOf(error: unknown): { code?: string; constraint?: string } {
  if (typeof error !== "object" || error === null) return {};
  return {
    ...("code" in error && typeof error.code === "string" ? { code: error.code } : {}),
    ...("constraint" in error && typeof error.constraint === "string" ? { constraint: error.constraint } : {}),
  };
}
