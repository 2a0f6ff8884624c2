// The metrics of a typical Node.js service: prom-client's defaults, the usual HTTP histogram, and
// the counter from which event-loop utilization (ELU) is read.
import { performance } from 'node:perf_hooks';
import client from 'prom-client';

client.collectDefaultMetrics();

// prom-client 15 exports no ELU. A counter, unlike a gauge, stays exact over any window and with
// any number of scrapers: rate(nodejs_eventloop_active_seconds_total[1m]) is the minute's ELU.
new client.Counter({
  name: 'nodejs_eventloop_active_seconds_total',
  help: 'Seconds that the event loop was active, i.e. not waiting for events.',
  collect() { this.reset(); this.inc(performance.eventLoopUtilization().active / 1000); },
});

const duration = new client.Histogram({
  name: 'http_request_duration_seconds',
  help: 'Seconds from the dispatch of a request to the end of its response.',
  labelNames: ['method', 'route', 'status_code'],
});

// Nginx's code for a client that left before its answer; Node would report the 200 never sent.
const kClientClosedRequest = 499;

// Observes the request when its response ends. `route` must come from a bounded set.
export function observeDuration(request, response, route) {
  const end = duration.startTimer({ method: request.method, route });
  response.once('close', () => {
    end({ status_code: response.writableFinished ? response.statusCode : kClientClosedRequest });
  });
}

export const contentType = client.register.contentType;
export const render = () => client.register.metrics();
