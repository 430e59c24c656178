import { replayJson, replayPage, replayQuestion } from "../contract/replay.ts";
import { pageQuery, reason } from "../contract/shape.ts";
import { operation } from "./operation.ts";

const read = "read";
const operate = "operate";

export const REPLAY_OPERATIONS = {
  planReplay: operation({
    id: "planReplay",
    method: "post",
    path: "/api/replays",
    tag: "Replay",
    summary: "Begins to plan a replay of past events under the mapping as it is now. Nothing is sent.",
    role: operate,
    body: replayQuestion,
    answer: { status: 202, schema: replayJson },
  }),
  listReplays: operation({
    id: "listReplays",
    method: "get",
    path: "/api/replays",
    tag: "Replay",
    summary: "Replays, the newest first.",
    role: read,
    query: pageQuery,
    answer: { status: 200, schema: replayPage },
  }),
  getReplay: operation({
    id: "getReplay",
    method: "get",
    path: "/api/replays/{id}",
    tag: "Replay",
    summary: "A replay: its plan, and how far it is.",
    role: read,
    answer: { status: 200, schema: replayJson },
  }),
  runReplay: operation({
    id: "runReplay",
    method: "post",
    path: "/api/replays/{id}/run",
    tag: "Replay",
    summary: "Runs a planned replay: its webhooks are understood again whenever no live one waits.",
    role: operate,
    body: reason,
    answer: { status: 202, schema: replayJson },
  }),
  pauseReplay: operation({
    id: "pauseReplay",
    method: "post",
    path: "/api/replays/{id}/pause",
    tag: "Replay",
    summary: "Lets it rest. The few jobs that were handed over are still understood.",
    role: operate,
    body: reason,
    answer: { status: 200, schema: replayJson },
  }),
  resumeReplay: operation({
    id: "resumeReplay",
    method: "post",
    path: "/api/replays/{id}/resume",
    tag: "Replay",
    summary: "Lets it go on where it rested.",
    role: operate,
    body: reason,
    answer: { status: 200, schema: replayJson },
  }),
  abortReplay: operation({
    id: "abortReplay",
    method: "post",
    path: "/api/replays/{id}/abort",
    tag: "Replay",
    summary: "Ends it, also while it is planned. What was understood again stays so.",
    role: operate,
    body: reason,
    answer: { status: 200, schema: replayJson },
  }),
} as const;
