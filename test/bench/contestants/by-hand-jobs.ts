/** The queue between the door and the worker of the service by hand, and what its jobs carry. */
export const JOBS = "webhooks";

export type CustomerUpdated = {
  readonly event_id: string;
  readonly id: string;
  readonly company: string;
  readonly category: string;
  readonly balance: number;
  readonly email: string;
  readonly city: string;
  readonly revision: number;
};
