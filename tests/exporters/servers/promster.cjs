// express and promster, whose metrics are served by a route of the application's own.
'use strict';

const express = require('express');
const { createMiddleware, getContentType, getSummary } = require('@promster/express');
const routes = require('./routes.cjs');

const app = express();
app.use(createMiddleware({ app }));
app.get('/metrics', async (_, response) => {
  response.setHeader('Content-Type', getContentType());
  response.end(await getSummary());
});
routes.express(app);
app.listen(process.env.PORT, '127.0.0.1');
routes.blockEventLoop();
