export { placesInFleet } from "./handshakes/handed-secrets.ts";
export { createIngress, type IngressOptions } from "./ingress.ts";
export { doorMetrics, type DoorMetrics } from "./metrics.ts";
export { WebhookRefusal, REFUSALS, type RefusalCode } from "./reply/refusal.ts";
export { startIngress, type RunningIngress, type StartIngressOptions } from "./start.ts";
