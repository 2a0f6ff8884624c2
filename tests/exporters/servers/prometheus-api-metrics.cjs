// express and prometheus-api-metrics.
'use strict';

const express = require('express');
const apiMetrics = require('prometheus-api-metrics');
const routes = require('./routes.cjs');

const app = express();
app.use(apiMetrics());
routes.express(app);
app.listen(process.env.PORT, '127.0.0.1');
routes.blockEventLoop();
