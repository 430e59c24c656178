export { connectionOptions, type ConnectionOptions } from "./connection-options.ts";
export { parseRedisAddress, type RedisAddress } from "./redis-address.ts";
