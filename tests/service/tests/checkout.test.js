import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { drawTime } from '../lib/draw.js';
import { call, eventually, metric, start, startPair } from './support.js';

const kActive = 'nodejs_eventloop_active_seconds_total';

async function checkout(service, ms, query) {
  return call(`${service.url}/checkout?ms=${ms}&query=${query}&distribution=fixed`);
}

async function activeDuring(service, act) {
  const before = await metric(service, kActive);
  await act();
  return (await metric(service, kActive)) - before;
}

test('a checkout blocks the loop for its work, and not while it asks the database', async (t) => {
  const { service } = await startPair(t);
  await checkout(service, 0, 0);  // opens the connection to the database
  let answer;
  const active = await activeDuring(service, async () => {
    answer = await checkout(service, 400, 800);
  });
  assert.equal(answer.status, 200);
  assert.ok(answer.seconds >= 1.2, `${answer.seconds} s of 0.2, 0.8 and 0.2`);
  assert.ok(active >= 0.4 && active < 0.8, `active for ${active} s of 0.4 s of work`);
});

test('two checkouts work one after the other and ask the database at once', async (t) => {
  const { service } = await startPair(t);
  const answers = await Promise.all([checkout(service, 400, 1000), checkout(service, 400, 1000)]);
  const slowest = Math.max(...answers.map(({ seconds }) => seconds));
  assert.ok(slowest >= 1.4 && slowest < 2.4, `${slowest} s: 0.2 and 0.2, a shared second, 0.2`);
});

test('drawn times have the mean and the spread of their distribution', () => {
  const times = Array.from({ length: 100_000 }, () => drawTime(20, 'exponential'));
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const longer = times.filter((time) => time > 40).length / times.length;
  assert.ok(Math.abs(mean - 20) < 0.4, `mean ${mean}`);
  assert.ok(Math.abs(longer - Math.exp(-2)) < 0.01, `${longer} are longer than twice the mean`);
  assert.equal(drawTime(20, 'fixed'), 20);
});

test('a pod is slower by its factor, and only for the time given', async (t) => {
  const { service } = await startPair(t);
  const slow = { workFactor: 10, forMs: 2000 };
  const begun = performance.now();
  const settings = { url: `${service.url}/settings`, body: slow };
  assert.equal((await call(settings.url, { body: slow })).status, 200);
  assert.ok((await checkout(service, 100, 0)).seconds >= 1.0);
  await eventually('it is over', async () => performance.now() - begun > 2000);
  assert.ok((await checkout(service, 100, 0)).seconds < 1.0);
  const refused = await call(settings.url, { body: { factor: 2 } });
  assert.equal(refused.status, 400);
  assert.match(refused.body, /factor: unknown, one of workFactor, forMs/);
});

test('a checkout whose client has left costs what it would have', async (t) => {
  const { service, database } = await startPair(t);
  const active = await activeDuring(service, async () => {
    const request = http.get(`${service.url}/checkout?ms=800&query=500&distribution=fixed`);
    request.on('error', () => {});
    await eventually('it asks the database', async () => {
      return JSON.parse((await call(`${database.url}/status`)).body).running === 1;
    });
    request.destroy();
    await eventually('it has been counted', async () => {
      const labels = 'method="GET",route="/checkout",status_code="499"';
      return (await metric(service, `http_request_duration_seconds_count{${labels}}`)) === 1;
    });
    await eventually('it has the answer', async () => {
      return JSON.parse((await call(`${database.url}/status`)).body).running === 0;
    });
    await call(`${service.url}/healthz`);  // queues behind the second slice
  });
  assert.ok(active >= 0.8, `active for ${active} s: the second slice was not worked`);
});

test('a database whose connections slow it answers each the later', async (t) => {
  const { service, database } = await startPair(t);
  await call(`${database.url}/settings`, { body: { perConnection: 1 } });
  const { seconds } = await checkout(service, 0, 300);
  assert.ok(seconds >= 0.6, `${seconds} s of 300 ms with at least one connection`);
});

test('a service that starts slowly does not listen before', async (t) => {
  const begun = performance.now();
  await start(t, 'server.js', { STARTUP_LEAST_MS: '1500', STARTUP_MOST_MS: '1600' });
  assert.ok(performance.now() - begun >= 1500);
});

test('a distribution that is unknown is refused with the known ones', async (t) => {
  const service = await start(t, 'server.js');
  const { status, body } = await call(`${service.url}/checkout?distribution=normal`);
  assert.equal(status, 400);
  assert.match(body, /distribution: .* is not one of exponential, fixed/);
});
