// What every server does, so that they differ only in the library that exports it: a fast route, one that
// fails, one that is slow, a probe, and an event loop that is blocked for a known share of the time.
'use strict';

const kSlowMs = 320;
const kBlockMs = 50;
const kBlockEveryMs = 125;

const cell = new Int32Array(new SharedArrayBuffer(4));

// Blocks without burning CPU, so that many servers fit on a small machine.
function blockEventLoop() {
  setInterval(() => Atomics.wait(cell, 0, 0, kBlockMs), kBlockEveryMs);
}

function express(app) {
  app.get('/healthz', (_, response) => response.send('ok'));
  app.get('/fast', (_, response) => response.send('fast'));
  app.get('/fail', (_, response) => response.status(500).send('failed'));
  app.get('/slow', (_, response) => setTimeout(() => response.send('slow'), kSlowMs));
}

function fastify(app) {
  app.get('/healthz', async () => 'ok');
  app.get('/fast', async () => 'fast');
  app.get('/fail', async (_, reply) => reply.code(500).send('failed'));
  app.get('/slow', () => new Promise((resolve) => setTimeout(() => resolve('slow'), kSlowMs)));
}

module.exports = { blockEventLoop, express, fastify };
