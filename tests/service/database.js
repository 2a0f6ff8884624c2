// The database that all pods of the sample service share: a process of its own, with few slots, a
// queue before them, a limit of connections, and a slowness that can be set while it runs.
//
//   GET /query?ms=15   takes a slot for `ms` (0..10000) times the slowness: factor times
//                      1 + perConnection × open connections; `distribution` is fixed, or exponential
//                      with that mean; 503 where the queue is full or its connection is one too many
//   GET /status        {slots, factor, maxConnections, perConnection, running, waiting, connections}
//   PUT /settings      JSON with any of slots (1..10000), factor (0..1000),
//                      maxConnections (1..100000), perConnection (0..1)
//   GET /healthz
//
// Environment: PORT, HOST (5432, 127.0.0.1), DATABASE_SLOTS (20), DATABASE_MAX_CONNECTIONS (1000),
// DATABASE_QUEUE_LIMIT (10000), DRAIN_DELAY_MS (0), SHUTDOWN_TIMEOUT_MS (5000).
import http from 'node:http';
import { drawTime, kDistributions } from './lib/draw.js';
import { integerFrom, listenAddress, startOrExit } from './lib/environment.js';
import {
  RequestError, dispatch, listen, numberParameter, sendJson, sendText, wordParameter,
} from './lib/http.js';
import { readSettings } from './lib/settings.js';
import { GracefulShutdown } from './lib/shutdown.js';
import { Slots } from './lib/slots.js';

const kSettings = {
  slots: { min: 1, max: 10_000, whole: true },
  factor: { min: 0, max: 1000, whole: false },
  maxConnections: { min: 1, max: 100_000, whole: true },
  perConnection: { min: 0, max: 1, whole: false },
};

class Database {
  constructor({ slots, maxConnections, queueLimit }) {
    this.slots_ = new Slots({ slots, queueLimit });
    this.maxConnections_ = maxConnections;
    this.factor_ = 1;
    this.perConnection_ = 0;
    this.connections_ = new Set();
  }

  // A connection above the limit stays open for its refusal, as database servers do it.
  connected(socket) {
    socket.refused = this.connections_.size >= this.maxConnections_;
    if (socket.refused) return;
    this.connections_.add(socket);
    socket.once('close', () => this.connections_.delete(socket));
  }

  query({ request, response, url }) {
    const ms = numberParameter(url, 'ms', { fallback: 15, min: 0, max: 10_000 });
    if (request.socket.refused) {
      response.setHeader('Connection', 'close');
      throw new RequestError(503, 'too many connections');
    }
    const time = drawTime(ms, wordParameter(url, 'distribution', kDistributions, 'fixed'));
    const leave = this.slots_.enter(() => {
      const timer = setTimeout(() => sendJson(response, 200, { ms }), time * this.slowness_());
      response.once('close', () => clearTimeout(timer));
    });
    if (!leave) throw new RequestError(503, 'the queue is full');
    response.once('close', leave);
  }

  slowness_() {
    return this.factor_ * (1 + this.perConnection_ * this.connections_.size);
  }

  async change({ request, response }) {
    const given = await readSettings(request, kSettings);
    this.factor_ = given.factor ?? this.factor_;
    this.maxConnections_ = given.maxConnections ?? this.maxConnections_;
    this.perConnection_ = given.perConnection ?? this.perConnection_;
    if (given.slots !== undefined) this.slots_.resize(given.slots);
    this.status({ response });
  }

  status({ response }) {
    sendJson(response, 200, {
      slots: this.slots_.slots,
      factor: this.factor_,
      maxConnections: this.maxConnections_,
      perConnection: this.perConnection_,
      running: this.slots_.running,
      waiting: this.slots_.waiting,
      connections: this.connections_.size,
    });
  }
}

function main() {
  const setting = (name, fallback, max, min = 1) =>
    integerFrom(process.env, name, { fallback, min, max });
  const address = listenAddress(process.env, 5432);
  const database = new Database({
    slots: setting('DATABASE_SLOTS', 20, 10_000),
    maxConnections: setting('DATABASE_MAX_CONNECTIONS', 1000, 100_000),
    queueLimit: setting('DATABASE_QUEUE_LIMIT', 10_000, 1_000_000, 0),
  });
  const shutdown = new GracefulShutdown({
    drainDelay: setting('DRAIN_DELAY_MS', 0, 600_000, 0),
    timeout: setting('SHUTDOWN_TIMEOUT_MS', 5000, 600_000),
  });
  const handlers = {
    'GET /query': (context) => database.query(context),
    'GET /status': (context) => database.status(context),
    'PUT /settings': (context) => database.change(context),
    'GET /healthz': ({ response }) => sendText(response, 200, 'text/plain', 'ok\n'),
  };
  const listener = (request, response) => dispatch(handlers, request, response);
  const server = http.createServer({ keepAliveTimeout: 0 }, shutdown.wrap(listener));
  server.on('connection', (socket) => database.connected(socket));
  shutdown.attach(server);
  listen(server, address);
}

startOrExit(main);
