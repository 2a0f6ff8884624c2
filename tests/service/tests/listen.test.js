import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { start } from './support.js';

// Connections that the kernel lets wait for this server to accept them.
function backlogOf(service) {
  const { port } = new URL(service.url);
  const line = execFileSync('ss', ['-ltnH', `sport = :${port}`], { encoding: 'utf8' });
  return Number(line.trim().split(/\s+/)[2]);
}

test('as many connections wait to be accepted as LISTEN_BACKLOG says, else 4096', async (t) => {
  assert.equal(backlogOf(await start(t, 'server.js', { LISTEN_BACKLOG: '300' })), 300);
  assert.equal(backlogOf(await start(t, 'server.js')), 4096);
});
