import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, metric, start } from './support.js';

const kLag = 'nodejs_eventloop_lag_p99_seconds';
const kActive = 'nodejs_eventloop_active_seconds_total';

test('work blocks the event loop, which lag and utilization show and CPU does not', async (t) => {
  const service = await start(t, 'server.js');
  await metric(service, kLag);  // the gauge covers the time since the last scrape
  const before = await readings(service);
  for (let i = 0; i < 20; i += 1) await call(`${service.url}/work?ms=50`);
  const after = await readings(service);

  assert.ok(after.lag >= 0.050, `lag p99 ${after.lag} s, blocked for 50 ms each`);
  const active = after.active - before.active;
  assert.ok(active >= 1.0, `active ${active} s of 1 s blocked`);
  assert.ok(after.cpu - before.cpu < 0.5, `blocking burnt ${after.cpu - before.cpu} s of CPU`);
});

async function readings(service) {
  return {
    lag: await metric(service, kLag),
    active: await metric(service, kActive),
    cpu: await metric(service, 'process_cpu_seconds_total'),
  };
}

test('an idle event loop is not active', async (t) => {
  const service = await start(t, 'server.js');
  const before = await metric(service, kActive);
  await new Promise((resolve) => { setTimeout(resolve, 1000); });
  const active = (await metric(service, kActive)) - before;
  assert.ok(active < 0.5, `active ${active} s of an idle second`);
});

test('requests wait for each other while the loop is blocked', async (t) => {
  const service = await start(t, 'server.js');
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => call(`${service.url}/work?ms=50`)));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  const slowest = Math.max(...answers.map(({ seconds }) => seconds));
  assert.ok(slowest >= 0.5, `the last of ten waited ${slowest} s`);
});

test('a bad parameter is refused with its name and range', async (t) => {
  const service = await start(t, 'server.js');
  for (const given of ['-1', 'abc', '', '10001', 'NaN']) {
    const { status, body } = await call(`${service.url}/work?ms=${given}`);
    assert.equal(status, 400);
    assert.match(body, /ms: .* is not a number from 0 to 10000/);
  }
});
