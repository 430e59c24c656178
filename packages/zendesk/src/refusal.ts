import { ANSWERS, type Complaint, type RefusalAnswer } from "./rulings.ts";

/** A request that the contract refuses; `answer` is what goes back. */
export class Refusal extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly answer: RefusalAnswer;

  constructor(answer: RefusalAnswer, facts: { hint?: string; cause?: unknown } = {}) {
    super(`refused with ${answer.status}`, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    const error = answer.body["error"];
    this.code = typeof error === "string" ? error : `refused_${answer.status}`;
    this.hint = facts.hint;
    this.answer = answer;
  }

  /** 422 with every complaint under its own key. */
  static invalid(complaints: readonly Complaint[], cause?: unknown): Refusal {
    return new Refusal(ANSWERS.invalid(complaints), { cause });
  }
}
