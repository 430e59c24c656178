import type { OPERATIONS } from "../../../src/api/operations.ts";

type Operations = typeof OPERATIONS;

/** Calls of the API by the name that its document gives them. */
export type CallName = keyof Operations;

/** Where each call goes. The compiler holds every line against the operation that it names: nothing of the server is in the page. */
export const ROUTES: { readonly [Name in CallName]: `${Operations[Name]["method"]} ${Operations[Name]["path"]}` } = {
  signIn: "post /api/session",
  getWaysIn: "get /api/session/ways",
  getSession: "get /api/session",
  signOut: "delete /api/session",
  getNow: "get /api/now",
  streamNow: "get /api/now/stream",
  getSeries: "get /api/now/series",
  getBooks: "get /api/books",
  listRecords: "get /api/records",
  getRecord: "get /api/records/{destination}/{object}/{key}",
  traceRecord: "get /api/records/{destination}/{object}/{key}/trace",
  getTimeline: "get /api/records/{destination}/{object}/{key}/timeline",
  findEvents: "get /api/events",
  traceEvent: "get /api/events/{ref}",
  parkRecord: "post /api/records/{destination}/{object}/{key}/park",
  unparkRecord: "post /api/records/{destination}/{object}/{key}/unpark",
  retryRecord: "post /api/records/{destination}/{object}/{key}/retry",
  forgetRecord: "post /api/records/{destination}/{object}/{key}/forget",
  groupLetters: "get /api/letters/groups",
  findLetters: "get /api/letters",
  getLetter: "get /api/letters/{id}",
  planLetters: "post /api/letters/plan",
  carryOutLetters: "post /api/letters/carry-out",
  planReplay: "post /api/replays",
  listReplays: "get /api/replays",
  getReplay: "get /api/replays/{id}",
  runReplay: "post /api/replays/{id}/run",
  pauseReplay: "post /api/replays/{id}/pause",
  resumeReplay: "post /api/replays/{id}/resume",
  abortReplay: "post /api/replays/{id}/abort",
  listSources: "get /api/sources",
  getSource: "get /api/sources/{name}",
  listDestinations: "get /api/destinations",
  getDestination: "get /api/destinations/{name}",
  holdDestination: "post /api/destinations/{name}/hold",
  resumeDestination: "post /api/destinations/{name}/resume",
  getSamples: "get /api/sources/{name}/samples",
  tryWebhook: "post /api/try",
  sendTrial: "post /api/try/send",
  listTasks: "get /api/tasks",
  getTask: "get /api/tasks/{id}",
  abortTask: "post /api/tasks/{id}/abort",
  listAudit: "get /api/audit",
};
