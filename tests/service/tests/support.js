// What the tests share: the programs started as real processes on free ports, ended with the test
// whatever happens, and requests to them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const kStartDeadline = 30_000;
const directory = fileURLToPath(new URL('..', import.meta.url));

// A started program: `url`, `exited` (resolves with {code, signal}), `kill(signal)`.
export async function start(test, program, environment = {}) {
  const child = spawn(process.execPath, [program], {
    cwd: directory,
    env: { PATH: process.env.PATH, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  test.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return { url: await listeningUrl(child, exited), exited, kill: (signal) => child.kill(signal) };
}

async function listeningUrl(child, exited) {
  const ended = exited.then(({ code }) => {
    throw new Error(`ended with ${code}, not listening`);
  });
  const late = delay(kStartDeadline, null, { ref: false }).then(() => {
    throw new Error(`not listening after ${kStartDeadline} ms`);
  });
  const line = once(createInterface(child.stdout), 'line').then(([first]) => first);
  return (await Promise.race([line, ended, late])).replace('listening on ', '');
}

// A database and a service that uses it.
export async function startPair(test, { database = {}, service = {} } = {}) {
  const db = await start(test, 'database.js', database);
  const { hostname, port } = new URL(db.url);
  const app = await start(test, 'server.js', {
    DATABASE_SERVICE_HOST: hostname, DATABASE_SERVICE_PORT: port, ...service,
  });
  return { database: db, service: app };
}

const kPoolForTests = new http.Agent({ keepAlive: true, maxSockets: 200 });

// GETs (or sends `body` by PUT); resolves with {status, body, seconds, closes}.
export function call(url, { body, agent = kPoolForTests } = {}) {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: body ? 'PUT' : 'GET', agent, timeout: 30_000 });
    request.on('timeout', () => request.destroy(new Error(`${url}: no answer`)));
    request.on('error', reject);
    request.on('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      const seconds = (performance.now() - begun) / 1000;
      const closes = response.headers.connection === 'close';
      resolve({ status: response.statusCode, body: text, seconds, closes });
    });
    request.end(body && JSON.stringify(body));
  });
}

// The value of the one series that `selector` (name with labels, as printed) begins; undefined
// where there is none.
export async function metric(service, selector) {
  const { body } = await call(`${service.url}/metrics`);
  const line = body.split('\n').find((candidate) => candidate.startsWith(`${selector} `));
  return line && Number(line.slice(selector.length + 1));
}

// Polls until `condition` holds; fails after `deadline` milliseconds.
export async function eventually(what, condition, deadline = 10_000) {
  const end = performance.now() + deadline;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`did not happen in ${deadline} ms: ${what}`);
    await delay(20);
  }
}
