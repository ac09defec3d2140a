// Package prometheus is not code but what goes into a Prometheus and a
// Grafana for a service behind metrics.Middleware:
//
//   - prometheus.yml scrapes the marketplace;
//   - rules.yml has the recording rules and the alerts, rules_test.yml their
//     tests for "promtool test rules";
//   - dashboard.json is a dashboard to import.
//
// The tests of this package hold them against the real thing: promtool
// checks the rules, and a Prometheus that scrapes a running marketplace
// answers every query of the rules and of the dashboard.
package prometheus
