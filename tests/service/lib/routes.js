// The endpoints of the sample service.
//
//   GET /work?ms=10    costs event-loop time: blocks the loop for `ms` (0..10000)
//   GET /order?ms=15   costs waiting: one query of `ms` (0..10000) on the shared database
//   GET /fail?rate=1   answers 500 to this share (0..1) of its requests, evenly spread
//   GET /healthz       200 while the process serves
//   GET /readyz        200; 503 from SIGTERM on
//   GET /metrics       Prometheus text
import { numberParameter, dispatch, sendJson, sendText } from './http.js';
import * as metrics from './metrics.js';

const kMilliseconds = { min: 0, max: 10_000 };
const kMeasured = new Set(['/work', '/order', '/fail']);

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
  const handlers = {
    'GET /work': work,
    'GET /order': orderHandler(database),
    'GET /fail': failHandler(),
    'GET /healthz': ({ response }) => sendText(response, 200, 'text/plain', 'ok\n'),
    'GET /readyz': readyHandler(isReady),
    'GET /metrics': async ({ response }) =>
      sendText(response, 200, metrics.contentType, await metrics.render()),
  };
  return (request, response) => {
    const route = request.url.split('?', 1)[0];
    if (kMeasured.has(route)) metrics.observeDuration(request, response, route);
    return dispatch(handlers, request, response);
  };
}
