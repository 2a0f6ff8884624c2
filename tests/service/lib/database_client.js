// The service's connection pool to the database stand-in: at most `poolSize` connections per
// process, kept open; a query waits for a free one at most `acquireTimeout`, and for its answer at
// most `queryTimeout` (milliseconds). Failures are RequestErrors: 503 no database or no
// connection, 504 no answer, 502 anything else.
import http from 'node:http';
import { RequestError } from './http.js';

export class DatabaseClient {
  constructor({ address, poolSize, acquireTimeout, queryTimeout }) {
    this.address_ = address;
    this.acquireTimeout_ = acquireTimeout;
    this.queryTimeout_ = queryTimeout;
    this.agent_ = new http.Agent({ keepAlive: true, maxSockets: poolSize, scheduling: 'fifo' });
  }

  // Resolves when the database has worked for us: `ms`, or a time of that mean.
  async query(ms, distribution = 'fixed') {
    if (!this.address_) {
      throw new RequestError(503, 'no database: DATABASE_SERVICE_HOST is not set');
    }
    const status = await this.send_(`/query?ms=${ms}&distribution=${distribution}`);
    if (status !== 200) throw new RequestError(502, `the database answered ${status}`);
  }

  // Gives the connections back; queries under way fail.
  close() {
    this.agent_.destroy();
  }

  send_(path) {
    return new Promise((resolve, reject) => {
      const request = http.get({ ...this.address_, path, agent: this.agent_ });
      const fail = (status, message) => {
        reject(new RequestError(status, message));
        request.destroy();
      };
      this.limit_(request, fail);
      request.on('error', (error) => fail(502, `the database failed: ${error.message}`));
      request.on('response', (response) => {
        response.on('error', (error) => fail(502, `the database failed: ${error.message}`));
        response.on('end', () => resolve(response.statusCode));
        response.resume();
      });
    });
  }

  // First the time to get a connection is limited, then the time to get an answer.
  limit_(request, fail) {
    const acquire = `no database connection within ${this.acquireTimeout_} ms`;
    let timer = setTimeout(() => fail(503, acquire), this.acquireTimeout_);
    request.on('socket', () => {
      clearTimeout(timer);
      const answer = `no answer from the database within ${this.queryTimeout_} ms`;
      timer = setTimeout(() => fail(504, answer), this.queryTimeout_);
    });
    request.on('close', () => clearTimeout(timer));
  }
}
