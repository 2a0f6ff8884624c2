// Ends a server as a rolling update or a scale-in wants it, losing no request:
//   1. SIGTERM or SIGINT: readiness fails, and every answer asks its connection to close, so that
//      the proxy comes back with new requests on other pods;
//   2. for `drainDelay` it serves on, because endpoints leave proxies later than pods get SIGTERM;
//   3. it stops listening, closes idle connections, and waits for the requests in flight, at most
//      `timeout`; exit code 0, or 1 where requests had to be cut off. Both in milliseconds.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export class GracefulShutdown {
  constructor({ drainDelay, timeout }) {
    this.drainDelay_ = drainDelay;
    this.timeout_ = timeout;
    this.draining_ = false;
  }

  isReady() {
    return !this.draining_;
  }

  // Wraps a request listener so that answers sent while draining close their connection.
  wrap(listener) {
    return (request, response) => {
      const writeHead = response.writeHead;
      response.writeHead = (...head) => {
        if (this.draining_) response.setHeader('Connection', 'close');
        return writeHead.apply(response, head);
      };
      return listener(request, response);
    };
  }

  // Installs the signal handlers; `onClosed` gives back what the process still holds.
  attach(server, onClosed = () => {}) {
    const stop = async () => {
      if (this.draining_) return;
      this.draining_ = true;
      await delay(this.drainDelay_);
      process.exitCode = (await this.close_(server)) ? 0 : 1;
      onClosed();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  }

  async close_(server) {
    const closed = once(server, 'close').then(() => true);
    const deadline = delay(this.timeout_, false, { ref: false });
    server.close();
    server.closeIdleConnections();  // Node 18's close() leaves them open
    if (await Promise.race([closed, deadline])) return true;
    console.error(`cut off: requests were still in flight after ${this.timeout_} ms`);
    server.closeAllConnections();
    return false;
  }
}
