// fastify and fastify-metrics.
'use strict';

require('./utilization.cjs');
const fastify = require('fastify');
const metrics = require('fastify-metrics');
const routes = require('./routes.cjs');

const app = fastify();
app.register(metrics, { endpoint: '/metrics' });
app.register(async (instance) => routes.fastify(instance));
app.listen({ port: process.env.PORT, host: '127.0.0.1' });
routes.blockEventLoop();
