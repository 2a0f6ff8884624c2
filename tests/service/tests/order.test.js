import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, eventually, metric, start, startPair } from './support.js';

const kActive = 'nodejs_eventloop_active_seconds_total';

async function orders(service, count, ms) {
  const calls = Array.from({ length: count }, () => call(`${service.url}/order?ms=${ms}`));
  return Promise.all(calls);
}

const statuses = (answers) => [...new Set(answers.map(({ status }) => status))].sort();
const slowest = (answers) => Math.max(...answers.map(({ seconds }) => seconds));

test('orders queue on the database, and the event loop stays idle meanwhile', async (t) => {
  const { service } = await startPair(t, { database: { DATABASE_SLOTS: '2' } });
  const before = await metric(service, kActive);
  const answers = await orders(service, 4, 2000);
  const active = (await metric(service, kActive)) - before;

  assert.deepEqual(statuses(answers), [200]);
  assert.ok(slowest(answers) >= 4.0, `four queries of 2 s on two slots took ${slowest(answers)} s`);
  assert.ok(active < 2.0, `waiting for 4 s kept the loop active for ${active} s`);
});

test('a service uses no more connections than its pool has', async (t) => {
  const { service, database } = await startPair(t, {
    service: { DATABASE_POOL_SIZE: '3', DATABASE_ACQUIRE_TIMEOUT_MS: '60000' },
  });
  const answers = orders(service, 6, 2000);
  const status = async () => JSON.parse((await call(`${database.url}/status`)).body);
  await eventually('the pool is in use', async () => (await status()).running === 3);
  const { waiting, connections } = await status();
  assert.equal(waiting, 0);
  assert.ok(connections <= 3 + 1, `${connections} connections, one of them the test's`);
  assert.ok(slowest(await answers) >= 4.0, 'six queries on three connections take two rounds');
});

test('an order that gets no connection in time fails and says so', async (t) => {
  const { service } = await startPair(t, {
    service: { DATABASE_POOL_SIZE: '1', DATABASE_ACQUIRE_TIMEOUT_MS: '500' },
  });
  const answers = await orders(service, 3, 2000);
  assert.deepEqual(statuses(answers), [200, 503]);
  const refused = answers.find(({ status }) => status === 503);
  assert.match(refused.body, /no database connection within 500 ms/);
  assert.deepEqual(statuses(await orders(service, 1, 1)), [200], 'the pool is whole afterwards');
});

test('a query that is given up frees its slot in the database', async (t) => {
  const { service, database } = await startPair(t, {
    database: { DATABASE_SLOTS: '1' }, service: { DATABASE_QUERY_TIMEOUT_MS: '100' },
  });
  const answers = await orders(service, 4, 5000);
  assert.deepEqual(statuses(answers), [504]);
  await eventually('slot and queue are empty', async () => {
    const { running, waiting } = JSON.parse((await call(`${database.url}/status`)).body);
    return running === 0 && waiting === 0;
  });
});

test('the slowness of the database is set while it runs', async (t) => {
  const { service, database } = await startPair(t);
  assert.equal((await call(`${database.url}/settings`, { body: { factor: 10 } })).status, 200);
  assert.ok(slowest(await orders(service, 1, 50)) >= 0.5);
  const refused = await call(`${database.url}/settings`, { body: { slowness: 2 } });
  assert.equal(refused.status, 400);
  assert.match(refused.body, /slowness: unknown, one of slots, factor, maxConnections/);
});

test('the database refuses connections above its limit', async (t) => {
  const { service } = await startPair(t, { database: { DATABASE_MAX_CONNECTIONS: '2' } });
  const answers = await orders(service, 4, 1000);
  assert.deepEqual(statuses(answers), [200, 502]);
});

test('without a database the service runs and its orders say what is missing', async (t) => {
  const service = await start(t, 'server.js');
  const { status, body } = await call(`${service.url}/order`);
  assert.equal(status, 503);
  assert.match(body, /DATABASE_SERVICE_HOST is not set/);
});
