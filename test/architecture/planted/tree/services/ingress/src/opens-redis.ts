// Breaks: each library has one home.
import { Redis } from "ioredis";

export const open = (url: string): Redis => new Redis(url);
