// The endpoints of the sample service.
//
//   GET /work?ms=10    costs event-loop time: blocks the loop for `ms` (0..10000)
//   GET /order?ms=15   costs waiting: one query of `ms` (0..10000) on the shared database
//   GET /checkout?ms=10&query=15
//                      costs both: a slice of work, a query, a slice of work. Each slice has half
//                      of `ms` (0..10000) on average, the query `query`; `distribution` is
//                      exponential or fixed. A client that has left is not noticed: its request
//                      costs what it would have, as in most handlers
//   GET /fail?rate=1   answers 500 to this share (0..1) of its requests, evenly spread
//   GET /healthz       200 while the process serves
//   GET /readyz        200; 503 from SIGTERM on
//   GET /metrics       Prometheus text
//   PUT /settings      JSON with workFactor (0..1000): from now on /checkout works so much longer;
//                      forMs (0..86400000): for this time only
import { drawTime, kDistributions } from './draw.js';
import { numberParameter, dispatch, sendJson, sendText, wordParameter } from './http.js';
import * as metrics from './metrics.js';
import { readSettings } from './settings.js';

const kMilliseconds = { min: 0, max: 10_000 };
const kMeasured = new Set(['/work', '/order', '/checkout', '/fail']);

const never = new Int32Array(new SharedArrayBuffer(4));

// Blocks the event loop without burning CPU, so that two cores host dozens of saturated pods.
function blockEventLoop(milliseconds) {
  Atomics.wait(never, 0, 0, milliseconds);
}

// True for exactly this share of the calls, spread evenly: tests can count on it.
function shareCounter() {
  let debt = 0;
  return (rate) => {
    debt += rate;
    if (debt < 1) return false;
    debt -= 1;
    return true;
  };
}

function work({ response, url }) {
  const ms = numberParameter(url, 'ms', { ...kMilliseconds, fallback: 10 });
  blockEventLoop(ms);
  sendJson(response, 200, { blocked: ms });
}

function orderHandler(database) {
  return async ({ response, url }) => {
    const ms = numberParameter(url, 'ms', { ...kMilliseconds, fallback: 15 });
    await database.query(ms);
    sendJson(response, 200, { queried: ms });
  };
}

const kSettings = {
  workFactor: { min: 0, max: 1000, whole: false },
  forMs: { min: 0, max: 86_400_000, whole: false },
};

// How much longer work takes. It ends by the clock: a pod that is far behind would hear of the end
// too late.
class WorkFactor {
  constructor() {
    this.factor_ = 1;
    this.until_ = Infinity;
  }

  now() {
    return performance.now() < this.until_ ? this.factor_ : 1;
  }

  async change({ request, response }) {
    const { workFactor = 1, forMs = Infinity } = await readSettings(request, kSettings);
    this.factor_ = workFactor;
    this.until_ = performance.now() + forMs;
    sendJson(response, 200, { workFactor: this.now() });
  }
}

function checkoutHandler(database, workFactor) {
  return async ({ response, url }) => {
    const ms = numberParameter(url, 'ms', { ...kMilliseconds, fallback: 10 });
    const query = numberParameter(url, 'query', { ...kMilliseconds, fallback: 15 });
    const distribution = wordParameter(url, 'distribution', kDistributions, 'exponential');
    const slice = () => blockEventLoop(drawTime(ms / 2, distribution) * workFactor.now());
    slice();
    await database.query(query, distribution);
    slice();
    sendJson(response, 200, { ms, query });
  };
}

function failHandler() {
  const isDue = shareCounter();
  return ({ response, url }) => {
    const failed = isDue(numberParameter(url, 'rate', { fallback: 1, min: 0, max: 1 }));
    sendJson(response, failed ? 500 : 200, { failed });
  };
}

function readyHandler(isReady) {
  return ({ response }) => {
    const ready = isReady();
    sendText(response, ready ? 200 : 503, 'text/plain', ready ? 'ready\n' : 'shutting down\n');
  };
}

// Answers requests; `isReady()` is what /readyz says. Probes and scrapes are no traffic and stay
// out of the histogram; so do unknown paths, which would make its `route` label unbounded.
export function requestListener({ database, isReady }) {
  const workFactor = new WorkFactor();
  const handlers = {
    'GET /work': work,
    'GET /order': orderHandler(database),
    'GET /checkout': checkoutHandler(database, workFactor),
    'GET /fail': failHandler(),
    'GET /healthz': ({ response }) => sendText(response, 200, 'text/plain', 'ok\n'),
    'GET /readyz': readyHandler(isReady),
    'PUT /settings': (context) => workFactor.change(context),
    'GET /metrics': async ({ response }) =>
      sendText(response, 200, metrics.contentType, await metrics.render()),
  };
  return (request, response) => {
    const route = request.url.split('?', 1)[0];
    if (kMeasured.has(route)) metrics.observeDuration(request, response, route);
    return dispatch(handlers, request, response);
  };
}
