import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import http from 'node:http';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { call, eventually, start, startPair } from './support.js';

// Sends `path` every 5 ms over kept-alive connections for as long as the service says it is ready,
// as a proxy would, calls `underLoad` once in the midst of it, and returns all answers.
async function loadWhileReady(service, path, underLoad) {
  const agent = new http.Agent({ keepAlive: true });
  const answers = [];
  let ready = true;
  while (ready) {
    for (let i = 0; i < 10; i += 1) {
      answers.push(call(service.url + path, { agent }));
      await delay(5);
    }
    if (answers.length === 50) underLoad();
    ready = (await call(`${service.url}/readyz`, { agent })).status === 200;
  }
  return Promise.allSettled(answers);
}

// Starts an order of `ms` and returns its answer once the database works on it.
async function orderInFlight({ service, database }, ms) {
  const answer = call(`${service.url}/order?ms=${ms}`);
  answer.catch(() => {});  // the caller looks at it later
  await eventually('the order is in flight', async () =>
    JSON.parse((await call(`${database.url}/status`)).body).running === 1);
  return { answer };
}

test('SIGTERM under load loses no request and ends with 0', async (t) => {
  const service = await start(t, 'server.js', { DRAIN_DELAY_MS: '4000' });
  const answers = await loadWhileReady(service, '/work?ms=2', () => service.kill('SIGTERM'));
  assert.deepEqual(answers.filter(({ value }) => value?.status !== 200), []);
  assert.deepEqual(await service.exited, { code: 0, signal: null });
});

test('requests in flight at SIGTERM are finished', async (t) => {
  const pair = await startPair(t, { service: { DRAIN_DELAY_MS: '0' } });
  const { service } = pair;
  const { answer } = await orderInFlight(pair, 1000);
  service.kill('SIGTERM');
  const { status, closes } = await answer;
  assert.equal(status, 200);
  assert.ok(closes, 'the answer asks its connection to close');
  assert.equal((await service.exited).code, 0);
});

test('idle kept-alive connections do not hold up the end', async (t) => {
  const service = await start(t, 'server.js', {
    DRAIN_DELAY_MS: '0', SHUTDOWN_TIMEOUT_MS: '30000',
  });
  await call(`${service.url}/work?ms=0`);
  const begun = performance.now();
  service.kill('SIGTERM');
  assert.equal((await service.exited).code, 0);
  assert.ok(performance.now() - begun < 5000, 'waited for an idle connection');
});

test('requests that outlast the timeout are cut off and the exit code says so', async (t) => {
  const pair = await startPair(t, {
    service: { DRAIN_DELAY_MS: '0', SHUTDOWN_TIMEOUT_MS: '200' },
  });
  const { service } = pair;
  const { answer } = await orderInFlight(pair, 10_000);
  service.kill('SIGTERM');
  await assert.rejects(answer);
  assert.equal((await service.exited).code, 1);
});

test('a bad setting ends the program with its name', () => {
  for (const program of ['server.js', 'database.js']) {
    const { status, stderr } = spawnSync(process.execPath, [program], {
      cwd: new URL('..', import.meta.url), env: { PORT: 'http' }, encoding: 'utf8', timeout: 15_000,
    });
    assert.equal(status, 2);
    assert.equal(stderr, 'error: PORT: "http" is not a whole number from 0 to 65535\n');
  }
});
