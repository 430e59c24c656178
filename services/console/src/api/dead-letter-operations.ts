import {
  deadLetterJson,
  deadLetterFilterJson,
  deadLetterGroups,
  deadLetterPage,
  deadLetterPlan,
  deadLetterPlanQuestion,
  deadLetterQuery,
  planChoice,
  broughtBack,
  filedLetter,
  filedLetterQuery,
  filedLetters,
  filedRowQuery,
} from "../contract/dead-letter.ts";
import { reason } from "../contract/shape.ts";
import { task } from "../contract/task.ts";
import { operation } from "./operation.ts";

const read = "read" as const;
const operate = "operate" as const;

/** The calls about dead letters. */
export const DEAD_LETTER_OPERATIONS = {
  groupLetters: operation({
    id: "groupLetters",
    method: "get",
    path: "/api/letters/groups",
    tag: "Dead letters",
    summary: "Dead letters by their cause, the largest group first.",
    role: read,
    query: deadLetterFilterJson,
    answer: { status: 200, schema: deadLetterGroups },
  }),
  findLetters: operation({
    id: "findLetters",
    method: "get",
    path: "/api/letters",
    tag: "Dead letters",
    summary: "Dead letters, the newest first.",
    role: read,
    query: deadLetterQuery,
    answer: { status: 200, schema: deadLetterPage },
  }),
  findFiledLetters: operation({
    id: "findFiledLetters",
    method: "get",
    path: "/api/letters/filed",
    tag: "Dead letters",
    summary: "Dead letters that stand in the history, whole, the newest first by when they were kept.",
    role: read,
    query: filedLetterQuery,
    answer: { status: 200, schema: filedLetters },
  }),
  getFiledLetter: operation({
    id: "getFiledLetter",
    method: "get",
    path: "/api/letters/{id}/filed",
    tag: "Dead letters",
    summary: "A dead letter as it stands in the history; with `row` the whole of one of which Redis has the short one.",
    role: read,
    query: filedRowQuery,
    answer: { status: 200, schema: filedLetter },
  }),
  bringLetterBack: operation({
    id: "bringLetterBack",
    method: "post",
    path: "/api/letters/{id}/bring-back",
    tag: "Dead letters",
    summary:
      "Brings a dead letter back from the history to Redis, where it stays for a minute at least, for an act on it.",
    role: operate,
    body: reason,
    answer: { status: 200, schema: broughtBack },
  }),
  getLetter: operation({
    id: "getLetter",
    method: "get",
    path: "/api/letters/{id}",
    tag: "Dead letters",
    summary: "One dead letter, with its request and its answer.",
    role: read,
    answer: { status: 200, schema: deadLetterJson },
  }),
  planLetters: operation({
    id: "planLetters",
    method: "post",
    path: "/api/letters/plan",
    tag: "Dead letters",
    summary: "What replaying or discarding these would do. Nothing is done.",
    role: read,
    body: deadLetterPlanQuestion,
    answer: { status: 200, schema: deadLetterPlan },
  }),
  carryOutLetters: operation({
    id: "carryOutLetters",
    method: "post",
    path: "/api/letters/carry-out",
    tag: "Dead letters",
    summary: "Carries a plan out.",
    role: operate,
    body: planChoice,
    answer: { status: 202, schema: task },
  }),
} as const;
