// Sends every server the same known load until it is killed: 20 requests a second, one in ten to
// /fail and one in ten to /slow, and ten probes a second. Arguments: the servers' base URLs.
'use strict';

const http = require('node:http');

const kRequestsPerSecond = 20;
const kProbesPerSecond = 10;

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

// A server that has not started yet is no news.
function send(url) {
  http.get(url, { agent }, (response) => response.resume()).on('error', () => {});
}

// As many as are due by now: a late timer does not lower the rate.
function steadily(perSecond, action) {
  const begin = performance.now();
  let sent = 0;
  setInterval(() => {
    const due = ((performance.now() - begin) * perSecond) / 1000;
    for (; sent < due; ++sent) action(sent);
  }, 10);
}

const paths = ['/fail', '/fast', '/fast', '/fast', '/fast', '/slow', '/fast', '/fast', '/fast', '/fast'];
for (const server of process.argv.slice(2)) {
  steadily(kRequestsPerSecond, (number) => send(server + paths[number % paths.length]));
  steadily(kProbesPerSecond, () => send(`${server}/healthz`));
}
