/** The queue between the door and the worker of the service by hand, and what its jobs carry. */
export const JOBS = "webhooks";

export type CustomerUpdated = {
  readonly data: {
    readonly id: string;
    readonly companyName: string;
    readonly category: string;
    readonly balance: number;
    readonly email: string;
    readonly billingAddress: { readonly city: string };
    readonly revision: number;
  };
};
