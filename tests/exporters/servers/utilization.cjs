// The counter of the README, for servers whose library exports no event-loop utilization.
'use strict';

const { performance } = require('node:perf_hooks');
const client = require('prom-client');

new client.Counter({
  name: 'nodejs_eventloop_active_seconds_total',
  help: 'Seconds in which the event loop was busy',
  collect() {
    this.reset();
    this.inc(performance.eventLoopUtilization().active / 1000);
  },
});
