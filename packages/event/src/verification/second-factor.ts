import { verifyAddress, verifyMtlsHeader } from "./client.ts";
import type { WebhookRequest } from "../request.ts";
import { CLIENT_CERTIFICATE } from "../schemes/generic.ts";
import type { VerifyReason } from "./verdict.ts";

/** A source's demands on a caller beside its scheme's own proof, which may be as weak as a word in a URL. */
export type SecondFactor = {
  /** Addresses and CIDR ranges, one of which the caller must be at. */
  readonly allowFrom?: readonly string[];
  /** Fingerprints, one of which the caller's certificate must have. */
  readonly clientCertificates?: readonly string[];
};

/**
 * Why a caller lacks the second factor; undefined where it has all that is demanded. Neither check needs the body, so that
 * a refused caller costs nothing.
 */
export function faultOfSecondFactor(
  { allowFrom, clientCertificates }: SecondFactor,
  request: WebhookRequest,
  trustedProxies: readonly string[],
): VerifyReason | undefined {
  const verdicts = [
    ...(allowFrom === undefined ? [] : [verifyAddress(request, allowFrom, trustedProxies)]),
    ...(clientCertificates === undefined
      ? []
      : [verifyMtlsHeader(CLIENT_CERTIFICATE, request, clientCertificates, trustedProxies)]),
  ];
  const [reason] = verdicts.flatMap((verdict) => (verdict.ok ? [] : [verdict.reason]));
  return reason;
}
