import type { Redis } from "ioredis";
import { retryFirstWrite } from "../connection/start-retries.ts";
import { QueueUnavailableError } from "../connection/unavailable.ts";
import { registerConfiguration, type Digests } from "./configurations.ts";
import type { IntakeJob } from "./webhook.ts";

/** A configuration with its number, by which workers know whether they have it. */
export type RegisteredConfiguration = Pick<IntakeJob, "configuration" | "digests">;

/** The configuration with which a door reads webhooks. */
export type Registration = {
  use(digests: Digests): Promise<void>;
  /** Asks for the number again: in a state that went back it may be another configuration's. */
  again(): Promise<void>;
  /** Whether the configuration has its number. */
  readonly isDone: boolean;
  /** Resolves when the configuration has its number. @throws QueueUnavailableError when it could not be had */
  done(): Promise<void>;
  /** Null: none has had a number yet. */
  readonly used: RegisteredConfiguration | null;
};

export type RegistrationOptions = {
  readonly redis: Redis;
  readonly tag: string;
  readonly onUsed: (written: RegisteredConfiguration) => void;
  readonly isOver: () => boolean;
  readonly onError: (error: Error) => void;
};

export function createRegistration({ redis, tag, onUsed, isOver, onError }: RegistrationOptions): Registration {
  let used: RegisteredConfiguration | null = null;
  let unregistered: Digests | null = null;
  let registering: Promise<void> | null = null;

  async function use(digests: Digests): Promise<void> {
    unregistered = digests;
    const register = async (): Promise<void> => {
      const next = await registerConfiguration(redis, tag, digests);
      // A reload may have brought another configuration meanwhile.
      if (unregistered !== digests) return;
      used = { configuration: next, digests };
      onUsed(used);
      unregistered = null;
    };
    registering = retryFirstWrite(register, { isOver, onError });
    await registering;
  }

  return {
    use,
    async again() {
      if (used !== null) await use(used.digests);
    },
    get isDone() {
      return unregistered === null;
    },
    async done() {
      // A worker could take the webhook for one of its own, older configuration. A reload takes one answer of Redis, and no
      // webhook is refused for that.
      if (unregistered !== null) await registering;
      if (unregistered !== null) throw new QueueUnavailableError("this door's configuration has no number yet");
    },
    get used() {
      return used;
    },
  };
}
