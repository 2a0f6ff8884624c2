import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, metric, start } from './support.js';

function count(route, status) {
  const labels = `method="GET",route="${route}",status_code="${status}"`;
  return `http_request_duration_seconds_count{${labels}}`;
}

test('the histogram counts requests by route and status, and fail errs at its rate', async (t) => {
  const service = await start(t, 'server.js');
  for (let i = 0; i < 20; i += 1) await call(`${service.url}/fail?rate=0.25`);
  await call(`${service.url}/work?ms=0`);
  await call(`${service.url}/work?ms=x`);

  assert.equal(await metric(service, count('/fail', 500)), 5);
  assert.equal(await metric(service, count('/fail', 200)), 15);
  assert.equal(await metric(service, count('/work', 200)), 1);
  assert.equal(await metric(service, count('/work', 400)), 1);
});

test('probes, scrapes and unknown paths stay out of the histogram', async (t) => {
  const service = await start(t, 'server.js');
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    assert.equal((await call(service.url + path)).status, 200);
  }
  assert.equal((await call(`${service.url}/no-such-path`)).status, 404);
  const { body } = await call(`${service.url}/metrics`);
  assert.doesNotMatch(body, /http_request_duration_seconds_count\{/);
});
