export { connectionOptions, type RedisConnectionOptions } from "./connection-options.ts";
export { parseRedisAddress, type RedisAddress } from "./redis-address.ts";
