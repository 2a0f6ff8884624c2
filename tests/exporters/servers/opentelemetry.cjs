// express and the OpenTelemetry SDK. It is scraped at METRICS_PORT; with
// OTEL_EXPORTER_OTLP_METRICS_ENDPOINT it pushes there every second instead, with HISTOGRAMS=native
// exponential histograms.
'use strict';

const { OTLPMetricExporter } = require('@opentelemetry/exporter-metrics-otlp-proto');
const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { RuntimeNodeInstrumentation } = require('@opentelemetry/instrumentation-runtime-node');
const { NodeSDK, metrics } = require('@opentelemetry/sdk-node');

function aggregationPreference(instrument) {
  const native = process.env.HISTOGRAMS === 'native' && instrument === metrics.InstrumentType.HISTOGRAM;
  const { EXPONENTIAL_HISTOGRAM, DEFAULT } = metrics.AggregationType;
  return { type: native ? EXPONENTIAL_HISTOGRAM : DEFAULT };
}

const metricReader = process.env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT
  ? new metrics.PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ aggregationPreference }), exportIntervalMillis: 1000, exportTimeoutMillis: 900,
  })
  : new PrometheusExporter({ host: '127.0.0.1', port: Number(process.env.METRICS_PORT) });
new NodeSDK({
  metricReaders: [metricReader],
  instrumentations: [
    new HttpInstrumentation(), new ExpressInstrumentation(),
    new RuntimeNodeInstrumentation(),
  ],
}).start();

const express = require('express'); // after the instrumentation
const routes = require('./routes.cjs');

const app = express();
routes.express(app);
app.listen(process.env.PORT, '127.0.0.1');
routes.blockEventLoop();
