export { type PrometheusOptions, prometheusTraffic } from './adapters/prometheus/prometheus-traffic.ts';
