// The sample Node.js service of the demo and the tests; lib/routes.js lists its endpoints.
//
// Environment:
//   PORT, HOST                             where to listen (8080, 127.0.0.1); port 0: a free one
//   DATABASE_SERVICE_HOST, _SERVICE_PORT   the shared database stand-in; without it /order says 503
//   DATABASE_POOL_SIZE                     connections to it, 1..1000 (10)
//   DATABASE_ACQUIRE_TIMEOUT_MS            longest wait for one of them, 1..600000 (5000)
//   DATABASE_QUERY_TIMEOUT_MS              longest wait for an answer, 1..600000 (30000)
//   STARTUP_LEAST_MS, STARTUP_MOST_MS      not listening for a time between them, as a service that
//                                          takes long to start; 0..600000 (0, and the least)
//   LISTEN_BACKLOG                         connections that may wait to be accepted, 1..65535 (4096)
//   DRAIN_DELAY_MS                         serving on after SIGTERM, 0..600000 (2000)
//   SHUTDOWN_TIMEOUT_MS                    then waiting for requests in flight, 1..600000 (20000)
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseClient } from './lib/database_client.js';
import { databaseAddress, integerFrom, listenAddress, startOrExit } from './lib/environment.js';
import { kBacklog, listen } from './lib/http.js';
import { requestListener } from './lib/routes.js';
import { GracefulShutdown } from './lib/shutdown.js';

function milliseconds(name, min, fallback) {
  return integerFrom(process.env, name, { min, max: 600_000, fallback });
}

function databaseClient() {
  return new DatabaseClient({
    address: databaseAddress(process.env),
    poolSize: integerFrom(process.env, 'DATABASE_POOL_SIZE', { min: 1, max: 1000, fallback: 10 }),
    acquireTimeout: milliseconds('DATABASE_ACQUIRE_TIMEOUT_MS', 1, 5000),
    queryTimeout: milliseconds('DATABASE_QUERY_TIMEOUT_MS', 1, 30_000),
  });
}

// The rest of a start that takes as long as the environment says, from the start of the process on.
async function startUp() {
  const least = milliseconds('STARTUP_LEAST_MS', 0, 0);
  const most = milliseconds('STARTUP_MOST_MS', least, least);
  await delay(least + Math.random() * (most - least) - performance.now());
}

async function main() {
  const address = listenAddress(process.env, 8080);
  const database = databaseClient();
  const shutdown = new GracefulShutdown({
    drainDelay: milliseconds('DRAIN_DELAY_MS', 0, 2000),
    timeout: milliseconds('SHUTDOWN_TIMEOUT_MS', 1, 20_000),
  });
  const isReady = () => shutdown.isReady();
  const server = http.createServer(shutdown.wrap(requestListener({ database, isReady })));
  await startUp();
  shutdown.attach(server, () => database.close());
  const backlog = { min: 1, max: 65_535, fallback: kBacklog };
  listen(server, address, integerFrom(process.env, 'LISTEN_BACKLOG', backlog));
}

startOrExit(main);
