/** A limit on everything that the operators' API takes and holds. */
export const LIMITS = {
  /** A body: a dead letter's event of a megabyte, edited and written as JSON text. */
  bodyBytes: 3_000_000,
  /** How long the cookie that stands for a token is good. */
  sessionMs: 12 * 3_600_000,
  /** Tokens that may be wrong in a minute before signing in takes a pause. */
  wrongTokensPerMinute: 30,
  /** How long a person may be at the OpenID provider, and how long that may take to answer the console. */
  visitMs: 10 * 60_000,
  providerSeconds: 10,
  /** How often the fleet is looked at, for how long looks are remembered, and over which time a rate is told. */
  lookEveryMs: 1_000,
  latelyMs: 60_000,
  rateOverMs: 10_000,
  /** The points of a chart, and how far back they go. */
  pointEveryMs: 2_000,
  seriesMs: 3_600_000,
  /** Pages that listen at once, how long one connection lasts, and how often it is told that it lives. */
  streams: 100,
  streamMs: 3_600_000,
  streamCommentMs: 15_000,
  /** A page that reads so slowly is sent nothing until it has caught up. */
  streamBehindBytes: 1_000_000,
  /** Dead letters that are known without their bodies; in one plan; and of a plan shown one by one. */
  indexedLetters: 200_000,
  plannedLetters: 50_000,
  plannedItems: 100,
  /** How long a plan may wait to be carried out. */
  planKeptMs: 15 * 60_000,
  /** Faults of one kind that a look sees; issues that are remembered, unresolved ones of one kind, and how long a resolved one is. */
  observedOfKind: 1_000,
  issues: 200,
  issuesOfKind: 50,
  issueKeptMs: 7 * 24 * 3_600_000,
  /** Turns of an issue's life that are remembered; characters of a text in it; names that it lists. */
  issueTurns: 20,
  issueTextCharacters: 300,
  issueNames: 5,
  /** How often one console looks for issues, and for how long that is its own without another word. */
  issueLookEveryMs: 2_000,
  issueTermMs: 10_000,
  /** How long a cause is gone before its issue is resolved, and how often a cause that merely stands is written down. */
  issueGoneAfterMs: 10_000,
  issueSeenWrittenEveryMs: 30_000,
  /** How often dead letters, and a source's week, are read for issues where nothing tells that they changed. */
  lettersReadEveryMs: 60_000,
  /** A reading of dead letters is followed by none for so many times as long as it took. */
  lettersPauseTimes: 20,
  weekReadEveryMs: 60_000,
  /** From when on something waits too long. */
  pendingTooLongMs: 5 * 60_000,
  pendingMuchTooLongMs: 3_600_000,
  intakeTooLongMs: 60_000,
  /** Requests of a source within some minutes that are not authentic: one in twenty seconds. */
  refusedMinutes: 5,
  refusedInFiveMinutes: 15,
  /** Events of a day that say that silence on its weekday is none of the ordinary; events of a type that say that no row takes it any more. */
  silentAgainstEvents: 10,
  driftEvents: 5,
  /** How often samples of bodies are compared with those of the week before: so many parts of a day, webhooks of each, types, fields and levels. */
  fieldsReadEveryMs: 3_600_000,
  fieldsReadAgainMs: 60_000,
  profileParts: 8,
  profileWebhooks: 25,
  profileTypes: 100,
  profileFields: 500,
  profileDepth: 10,
  /** Bodies from which on a field may be missed, and the chance that a sample lacks what is there: below it, it is gone. */
  driftBodies: 20,
  driftChance: 1e-4,
  /** One try of a webhook about an issue, the most that is read of its answer, and connections to its receivers. */
  issueWebhookMs: 15_000,
  issueAnswerBytes: 1_000,
  issueWebhooksAtOnce: 2,
  /** Tasks that are remembered, for how long, how often one is told of, and the silence after which its process is taken for dead. */
  tasks: 200,
  taskKeptMs: 24 * 3_600_000,
  taskToldEveryMs: 500,
  taskSilentMs: 30_000,
  /** Letters of a task that are named one by one because they were not done. */
  taskProblems: 100,
  /** Events of a sent webhook that the audit log names. */
  notedEvents: 20,
  /** Replays that are planned at a time; that are remembered, for how long; and how long a plan may be run. */
  replaysPlanned: 3,
  replays: 50,
  replayKeptMs: 7 * 24 * 3_600_000,
  replayPlanMs: 3_600_000,
  /** Records that a plan shows as examples, and the characters of a value there. */
  replaySamples: 20,
  replayValueCharacters: 300,
  /** Webhooks whose records are looked up together. */
  replayLookedUpAtOnce: 32,
  /** Events that are remembered to tell repetitions of those that nobody wanted. */
  replayRecentIds: 50_000,
  /** Work on a replay, and the rest behind it: the process answers people and may understand live webhooks too. */
  replayWorkMs: 10,
  replayRestMs: 5,
  /** How often a replay is told of, and the silence after which its planner is taken for dead. */
  replayToldEveryMs: 500,
  replaySilentMs: 30_000,
  /** How often a console looks for replays to run, and for how long one is its own without another word. */
  replayLookEveryMs: 1_000,
  replayTermMs: 10_000,
  /** Webhooks, and characters of their bodies, that are handed over at a time; when waiting is told of. */
  replayBatchWebhooks: 128,
  replayBatchCharacters: 256 * 1024,
  replayPatienceMs: 2_000,
  /** Reconciles that are remembered; how often one is told of where anything has changed, and where nothing has. */
  reconciles: 50,
  reconcileToldEveryMs: 1_000,
  /** How long others wait for a process that died while it began a reconcile. */
  reconcileBeginsMs: 10_000,
  reconcileBeatMs: 10_000,
  /** How long a search takes before it says how far it came. */
  searchMs: 400,
  /** The deadline of a build of the page. It takes two seconds; a busy machine takes twenty times as long. */
  pageBuildMs: 60_000,
  /** How long a build of the page that failed is not tried again. */
  pageFailureMs: 5_000,
  shutdownDeadlineMs: 5_000,
} as const;
