import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { assertSupported, createAcknowledgement } from "./server/acknowledgement.ts";
import { createElections, type Elections } from "./fleet/election.ts";
import { createForgotten } from "./merging/forgotten.ts";
import { createMerging, type Merging } from "./merging/merging.ts";
import { connect, makeRoomAtMaxmemory, waitUntilReady } from "./connection/connection.ts";
import { createSharedText, type SharedText } from "./fleet/shared-text.ts";
import type { Gate } from "./gate/gate.ts";
import { createBackfill } from "./intake/backfill.ts";
import { isUnderstoodBy, livingConfigurations } from "./intake/configurations.ts";
import type { IntakeDoor } from "./intake/door.ts";
import { createIntakeDeadLetters } from "./intake/intake-dead-letters.ts";
import type { Intake } from "./intake/intake.ts";
import { intakeTag, workerConnection } from "./intake/names.ts";
import { readIntakeNumbers } from "./intake/books/numbers.ts";
import { createToldByDoors } from "./intake/books/told-by-doors.ts";
import { readSeenDays, readSeenTypes } from "./intake/books/seen-types.ts";
import { restWhileFull } from "./intake/resting.ts";
import { createRegistration, type RegisteredConfiguration } from "./intake/registration.ts";
import { createWebhookResults } from "./intake/webhook-results.ts";
import { waitingSources } from "./intake/books/waiting-sources.ts";
import { retryBrokenConnection, retryFirstWrite } from "./connection/start-retries.ts";
import { createJobPermits, type JobPermits } from "./gate/job-permits.ts";
import type { Lane } from "./lane.ts";
import { laneTag } from "./lanes/tags.ts";
import { openLanes, type LanedDestination } from "./lanes/destination.ts";
import { settleLaneCounts, tagsNow } from "./lanes/lane-count.ts";
import { createRequestPermits, type RequestPermits, type RequestPermitsOptions } from "./gate/request-permits.ts";
import { createLanes, type Lanes } from "./lanes/lanes.ts";
import { DeadLettersFullError, watchDeadLetterQuota, type FleetDeadLetters } from "./dead-letters/dead-letter-quota.ts";
import { createFleetLetters } from "./dead-letters/fleet-letters.ts";
import { sayServed } from "./lanes/serving.ts";
import { BEAT_EVERY_MS, CLOSE_MS, JOBS_PER_CONFIRMATION, RECOVERS_MS, SERVER_LOOK_EVERY_MS } from "./limits.ts";
import { onWakeUp } from "./connection/wake-ups.ts";
import { ownerOf } from "./connection/owner.ts";
import { createActs, type Acts } from "./operators/acts.ts";
import { createTemporaryTexts, type TemporaryTexts } from "./operators/temporary-texts.ts";
import { assertRoomToUnderstand, intakeRoom } from "./server/pressure.ts";
import type { Outbox } from "./outbox/outbox.ts";
import type { QueueOptions } from "./queue-options.ts";
import { nextRun } from "./replay-number.ts";
import { beat, leave, livingWorkers, tellDeaths } from "./fleet/sessions.ts";
import { markLane } from "./state/state-format.ts";
import type { LaneMark } from "./state/lane-mark.ts";
import { checkState } from "./state/state-check.ts";
import { createQueueState, StateRegressError, wentBackLately, type QueueState } from "./state/regresses.ts";
import { watchState, type StateWatch } from "./state/state-watch.ts";
import { runIntake } from "./intake/scripts.ts";
import { watchBreaks } from "./state/connection-breaks.ts";
import { watchServer, type ServerState, type ServerWatch } from "./server/watch.ts";

/** All that Sluice keeps in Redis. */
export type Queue = Elections & {
  readonly merging: Merging;
  lane(destination: string): Lane;
  /** All lanes, also those that this configuration does not name. */
  readonly lanes: Lanes;
  /** Whether requests to the destination may start. */
  gate(destination: string): Gate;
  /** Calls `look` when records of the destination may have become due; a worker looks by itself beside it. */
  onWakeUp(destination: string, look: () => void): { close(): void };
  readonly intake: Intake;
  readonly letters: FleetDeadLetters;
  /**
   * Keeps one text for the whole fleet, under a name: a destination's, or null, the door's. `lockMs` is longer than making it
   * can take.
   */
  sharedText(destination: string | null, name: string, lockMs: number): SharedText;
  /** The fleet's places for jobs that the destination works on. */
  jobPermits(destination: string, permits: number): JobPermits;
  /** The fleet's permits for requests in flight at the destination. */
  requestPermits(destination: string, options: RequestPermitsOptions): RequestPermits;
  /** The facts of the Redis server, at most a second old while it answers. */
  readonly server: ServerState;
  /** Round trip to Redis, in milliseconds. @throws when Redis does not answer. */
  ping(): Promise<number>;
  /** The number of a new replay, larger than that of every replay before. */
  nextRun(): Promise<number>;
  /** The number of workers that live. */
  workers(): Promise<number>;
  readonly acts: Acts;
  readonly temporaryTexts: TemporaryTexts;
  /** Opens the messages to somebody outside. Who opens them closes them, before the queue. */
  outbox(): Promise<Outbox>;
  /** This process' session, by which its claims are known as its own. */
  readonly session: string;
  readonly state: QueueState;
  /** Begins to look whether the connections stand. @returns whether they have since: if not, Redis may have gone back in between. */
  unbroken(): () => boolean;
  /** Tells of workers that died, each until `takeOver` resolves for it: their flights are taken over. */
  onDeath(takeOver: (session: string) => Promise<void>): { close(): void };
  close(): Promise<void>;
};

/**
 * Connects and resolves once Redis answers.
 * @throws AckUnsupportedError (`code` "ack_unsupported") when this Redis can't confirm what `ack` asks for
 */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const { namespace = "sluice", onError } = options;
  const session = randomUUID();
  const isWorker = options.kind === "worker";
  const connectionKind = isWorker ? "worker" : "door";
  // By the connection's name others see whether this process lives.
  const connectionName = isWorker ? workerConnection(session) : undefined;
  const redis = connect(options.redisUrl, connectionKind, onError, undefined, connectionName);
  const blocking = isWorker ? connect(options.redisUrl, "worker", onError) : null;
  const { ack = "redis", memoryBudget = null } = options;
  const confirming = ack === "redis" ? redis : connect(options.redisUrl, connectionKind, onError);
  const tag = intakeTag(namespace);
  const disconnect = (): void => {
    for (const each of [redis, blocking, confirming]) each?.disconnect();
  };
  let closed = false;
  const patiently: typeof retryBrokenConnection =
    options.kind === "command" ? async (work) => await work() : retryBrokenConnection;
  const sayLife = async (): Promise<void> => {
    await beat(redis, tag, session);
    // Said again and again: a Redis that went back to an older state has forgotten it.
    await sayServed(redis, tag, session, options.destinations);
  };
  const destinations = new Map<string, LanedDestination>();
  /** The tags of all lanes that this process watches, and their marks, by their names. */
  const laneTags = new Map(options.destinations.map((name) => [name, laneTag(namespace, name)]));
  const marks = new Map<string, LaneMark>();
  /** How many lanes each destination has, for a worker. */
  let counts: ReadonlyMap<string, number> = new Map();
  const isAlone = options.marksKeeper !== undefined;
  const stateWatch: StateWatch | null =
    options.kind === "command"
      ? null
      : watchState({
          redis,
          tag,
          lanes: laneTags,
          ownToken: (name) => marks.get(name)?.own ?? 0,
          onToken: (name, token) => marks.get(name)?.hear(token),
          keeper: options.marksKeeper ?? null,
          onTold: (regress) => options.onRegress?.(new StateRegressError(regress)),
          nowMs: options.nowMs ?? Date.now,
          onError,
        });
  const begin = async (): Promise<ServerWatch> => {
    await waitUntilReady(redis);
    const begun = await patiently(async () => await watchServer(redis, memoryBudget, onError));
    makeRoomAtMaxmemory(redis, begun.state.facts.version);
    try {
      assertSupported(ack, begun.state.facts);
      // Before anything is written: the look compares the state that the last process left.
      await stateWatch?.look().catch(onError);
      const tags = options.destinations.map((destination) => laneTag(namespace, destination));
      const mark = async (): Promise<void> => {
        await Promise.all(tags.map(async (each) => await markLane(redis, each)));
        await sayLife();
        counts = await settleLaneCounts(redis, options);
      };
      if (isWorker) await retryFirstWrite(mark, { isOver: () => closed, onError });
      assertRoomToUnderstand(begun.state.budgetBytes, begun.state.facts.limitBytes);
      await waitUntilReady(confirming);
      return begun;
    } catch (error) {
      begun.close();
      throw error;
    }
  };
  const connections = watchBreaks([redis, confirming, ...(blocking === null ? [] : [blocking])]);
  const unbroken = connections.begin;
  const watch = await begin().catch((error: unknown) => {
    void stateWatch?.close();
    disconnect();
    throw error;
  });
  const acknowledgement = createAcknowledgement(confirming, ack);
  const { dedupeWindowMs, orderingHorizonMs } = options;
  const keepers = async (): Promise<readonly string[]> => {
    const tags = options.destinations.map(async (name) => await tagsNow(redis, namespace, name));
    return [tag, ...(await Promise.all(tags)).flat()];
  };
  // A command watches no letters: it does no more than it is asked for.
  const letterRoom = await watchDeadLetterQuota(redis, options.kind === "command" ? async () => [] : keepers, {
    budgetBytes: () => watch.state.budgetBytes,
    onError,
  });
  const { isFull } = letterRoom;
  const look =
    isWorker && stateWatch !== null
      ? await checkState({ redis, confirming, tag, isAlone, look: stateWatch.look, onError })
      : undefined;
  const open = (destination: string): LanedDestination => {
    const parts = { namespace, destination, dedupeWindowMs, orderingHorizonMs, acknowledgement, isFull, onError };
    const looked = look === undefined ? {} : { stateCheck: look };
    const all = { ...parts, ...looked, state: () => stateWatch?.state ?? null };
    return openLanes(redis, all, () => counts.get(destination) ?? null);
  };
  for (const destination of options.destinations) {
    const opened = open(destination);
    destinations.set(destination, opened);
    for (const [name, lane] of opened.marks) {
      laneTags.set(name, lane.tag);
      marks.set(name, lane.mark);
      lane.mark.onBehind(async (found, known) => {
        const token = { known: Math.max(known.own, known.heard), found: found.heard };
        await stateWatch?.report({ why: "older", arrival: null, tokens: { [name]: token } }, stateWatch.state);
      });
    }
  }
  let door: IntakeDoor | null = null;
  let recoversUntil = 0;
  const recover = (): void => void (recoversUntil = performance.now() + RECOVERS_MS);
  const isRecovering = (): boolean => performance.now() < recoversUntil;
  const onUsed = (written: RegisteredConfiguration): void => requireDoor().use(written);
  const registration = createRegistration({ redis, tag, onUsed, isOver: () => closed, onError });
  const onBack = async (): Promise<void> => {
    recover();
    for (const mark of marks.values()) mark.forget();
    await door?.compare();
    await registration.again();
  };
  stateWatch?.onRegress(onBack).catch(onError);

  function of(destination: string): LanedDestination {
    const found = destinations.get(destination);
    if (found === undefined) throw new Error(`no lane for destination "${destination}"`);
    return found;
  }
  const lanesOf = async (destination: string): Promise<readonly string[]> => await of(destination).tags();

  const merging = createMerging((destination) => of(destination).lane);
  const forgotten = createForgotten(redis, async (name, id) => await of(name).placeOf(id), orderingHorizonMs);
  const webhookResults = createWebhookResults(redis, tag, () => requireDoor().session, onError);
  async function openDoor(): Promise<IntakeDoor> {
    const { openIntakeDoor } = await import("./intake/door.ts");
    return await openIntakeDoor({
      tag,
      door: session,
      async onLost({ addedAgain, notHeld }) {
        await stateWatch?.report({ why: "older", arrival: null, tokens: {} }, stateOfDoor);
        stateOfDoor = stateWatch?.state ?? null;
        await runIntake(redis, "again", [tag, stateOfDoor ?? "", addedAgain, notHeld]);
      },
      acknowledgement,
      jobsAtOnce: ack === "redis" ? 1 : JOBS_PER_CONFIRMATION,
      onAddedAgain: (webhooks) => options.onAddedAgain?.(webhooks),
      assertRoom: intakeRoom(
        () => watch.state,
        () => door?.waitingBytes ?? 0,
      ),
      onError,
    });
  }
  /** The state's name when Redis last confirmed a job of the door. */
  let stateOfDoor: string | null = null;
  if (options.kind === "door") {
    door = await patiently(openDoor).catch((error: unknown) => {
      watch.close();
      void stateWatch?.close();
      letterRoom.close();
      disconnect();
      throw error;
    });
  }
  function requireDoor(): IntakeDoor {
    if (door === null) throw new Error(`this queue was opened for a ${options.kind}, not for a door`);
    return door;
  }
  let opening: Promise<IntakeDoor> | null = null;
  /** A command opens its door only when it adds something: few do, and BullMQ takes a third of the time in which the others start. */
  async function doorOfReplays(): Promise<IntakeDoor> {
    if (options.kind === "command") door ??= await (opening ??= openDoor());
    return requireDoor();
  }
  const beating = isWorker ? setInterval(() => void sayLife().catch(onError), BEAT_EVERY_MS) : undefined;
  beating?.unref();
  const looking = door === null ? undefined : setInterval(lookAtBytes, SERVER_LOOK_EVERY_MS);
  looking?.unref();
  /** Reads the bytes that wait, which other doors and the workers change too. */
  function lookAtBytes(): void {
    if (redis.status !== "ready") return;
    redis.get(`${tag}:bytes`).then((bytes) => (door!.waitingBytes = Number(bytes ?? 0)), onError);
  }

  const intake: Intake = {
    async add(webhook) {
      if (!registration.isDone) await registration.done();
      if (isFull(webhook.source)) throw new DeadLettersFullError(webhook.source);
      const arrival = await requireDoor().add(webhook);
      stateOfDoor = stateWatch?.state ?? null;
      return arrival;
    },
    use: registration.use,
    webhookResults,
    letters: createIntakeDeadLetters(
      redis,
      tag,
      async () => await nextRun(redis, namespace),
      async (webhooks) => await (await doorOfReplays()).addBackfill(webhooks),
    ),
    backfill: createBackfill({ redis, tag, lanesOf, door: doorOfReplays, server: () => watch.state, isFull }),
    numbers: async () => await readIntakeNumbers(redis, tag),
    waitingSources: async () => await waitingSources(redis, tag),
    seenTypes: async (sources, nowMs, days) => await readSeenTypes(redis, tag, sources, nowMs, days),
    seenDays: async (sources, nowMs) => await readSeenDays(redis, tag, sources, nowMs),
    ...createToldByDoors(redis, tag),
    async isUnderstood() {
      return isUnderstoodBy(
        await livingConfigurations(redis, tag),
        registration.used ?? { configuration: 0, digests: {} },
      );
    },
    async understand(understandingOptions) {
      if (blocking === null) throw new Error(`this queue was opened for a ${options.kind}, not for a worker`);
      const { startUnderstanding } = await import("./intake/understanding.ts");
      if (await wentBackLately(redis, tag, (options.nowMs ?? Date.now)())) recover();
      const connected = { redis, blocking, tag, session, isAlone, unbroken, onError };
      const parts = { ...connected, merging, forgotten, isRecovering, isFull };
      const understanding = await startUnderstanding(parts, understandingOptions);
      return restWhileFull(understanding, () => watch.state.facts, onError);
    },
  };

  const { close: closeElections, ...elections } = createElections(redis, namespace, session);
  return {
    merging,
    intake,
    letters: createFleetLetters(redis, {
      namespace,
      tag,
      destinations: options.destinations,
      room: letterRoom,
      stores: () => [intake.letters, ...[...destinations.values()].map(({ lane }) => lane.dead)],
      budgetBytes: () => watch.state.budgetBytes,
      leadership: elections.leadership,
    }),
    lane: (destination) => of(destination).lane,
    lanes: createLanes(redis, {
      namespace,
      tag,
      openLane: (name) => open(name).lane,
      removing: { dedupeWindowMs, orderingHorizonMs },
    }),
    gate: (destination) => of(destination).gate,
    get server() {
      return watch.state;
    },

    onWakeUp: (destination, onDue) => onWakeUp(redis, lanesOf(destination), { look: onDue, onError }),

    sharedText(destination, name, lockMs) {
      const place = destination === null ? tag : laneTag(namespace, destination);
      return createSharedText(redis, `${place}:cupboard:${name}`, lockMs);
    },

    jobPermits: (destination, permits) => createJobPermits(redis, laneTag(namespace, destination), permits),
    requestPermits: (destination, each) => createRequestPermits(redis, laneTag(namespace, destination), each),

    async ping() {
      const start = performance.now();
      await ownerOf(redis, tag).ping();
      return performance.now() - start;
    },

    ...elections,

    nextRun: async () => await nextRun(redis, namespace),

    workers: async () => await livingWorkers(redis, tag),

    acts: createActs(redis, tag),
    temporaryTexts: createTemporaryTexts(redis, tag),
    async outbox() {
      const { createOutbox } = await import("./outbox/outbox.ts");
      return createOutbox(() => connect(options.redisUrl, "worker", onError), tag, onError);
    },

    state: createQueueState(redis, tag, stateWatch),

    unbroken,
    session,
    onDeath: (takeOver) => tellDeaths(redis, tag, session, { isAlone, takeOver, onError }),

    async close() {
      closed = true;
      clearInterval(looking);
      clearInterval(beating);
      closeElections();
      if (isWorker)
        await Promise.race([leave(redis, tag, session), wait(CLOSE_MS, undefined, { ref: false })]).catch(onError);
      webhookResults.close();
      look?.close();
      connections.close();
      await Promise.race([stateWatch?.close(), wait(CLOSE_MS, undefined, { ref: false })]);
      letterRoom.close();
      // A Redis that is away answers none of these commands.
      if (door !== null) await Promise.race([door.close(), wait(CLOSE_MS, undefined, { ref: false })]);
      watch.close();
      disconnect();
    },
  };
}
