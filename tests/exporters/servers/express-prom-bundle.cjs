// express and express-prom-bundle; OPTIONS=default leaves it as it comes: no path, so probes count.
'use strict';

require('./utilization.cjs');
const express = require('express');
const bundle = require('express-prom-bundle');
const routes = require('./routes.cjs');

const named = process.env.OPTIONS === 'default' ? {} : { includeMethod: true, includePath: true };
const app = express();
app.use(bundle({ ...named, promClient: { collectDefaultMetrics: {} } }));
routes.express(app);
app.listen(process.env.PORT, '127.0.0.1');
routes.blockEventLoop();
