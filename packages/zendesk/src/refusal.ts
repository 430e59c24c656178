import { ANSWERS, type Complaint, type RefusalAnswer } from "./rulings.ts";

/** The contract refuses a request; `answer` goes back to its sender. */
export class Refusal extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly answer: RefusalAnswer;
  /** The complaints of a 422; empty for all other refusals. */
  readonly complaints: readonly Complaint[];

  constructor(
    answer: RefusalAnswer,
    facts: { complaints?: readonly Complaint[]; hint?: string; cause?: unknown } = {},
  ) {
    const { complaints = [] } = facts;
    const texts = complaints.map(({ description }) => description).join("; ");
    super(
      `refused with ${answer.status}${texts === "" ? "" : `: ${texts}`}`,
      facts.cause === undefined ? undefined : { cause: facts.cause },
    );
    this.name = new.target.name;
    const error = answer.body["error"];
    this.code = typeof error === "string" ? error : `refused_${answer.status}`;
    this.hint = facts.hint;
    this.answer = answer;
    this.complaints = complaints;
  }

  /** The 422 with every complaint under its own key. */
  static invalid(complaints: readonly Complaint[], cause?: unknown): Refusal {
    return new Refusal(ANSWERS.invalid(complaints), { complaints, cause });
  }
}
