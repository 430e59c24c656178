import { Queue } from "bullmq";

export const open = (): Queue => new Queue("q");
