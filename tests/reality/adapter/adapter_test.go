package adapter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"k8s.io/metrics/pkg/apis/custom_metrics/v1beta2"
)

const (
	metric      = "nodejs_eventloop_utilization"
	metricsPath = groupPath + "/namespaces/rival/pods/*/" + metric
)

// answered is a Prometheus that gives this answer, and notes what it was asked.
func answered(t *testing.T, answer string) (url string, asked *string) {
	t.Helper()
	asked = new(string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = r.FormValue("query")
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func vector(samples string) string {
	return `{"status": "success", "data": {"resultType": "vector", "result": [` + samples + `]}}`
}

// config has these pods, whatever is selected.
func config(url string, pods ...string) Config {
	return Config{
		PrometheusURL: url, Metric: metric, Query: "rate(active_seconds_total{%s}[1m])",
		Pods: func(context.Context, string, string) ([]string, error) { return pods, nil },
	}
}

func get(t *testing.T, c Config, path string) (int, []byte) {
	t.Helper()
	recorder := httptest.NewRecorder()
	c.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	if kind := recorder.Header().Get("Content-Type"); recorder.Code != http.StatusNotFound && kind != "application/json" {
		t.Errorf("content type %q", kind)
	}
	return recorder.Code, recorder.Body.Bytes()
}

func values(t *testing.T, c Config, path string) *v1beta2.MetricValueList {
	t.Helper()
	code, body := get(t, c, path)
	list := &v1beta2.MetricValueList{}
	if err := json.Unmarshal(body, list); err != nil || code != http.StatusOK {
		t.Fatalf("%d, %v: %s", code, err, body)
	}
	return list
}

func TestEachPodWithASampleHasItsValueAndTime(t *testing.T) {
	url, asked := answered(t, vector(`{"metric": {"pod": "a"}, "value": [1700000000.5, "0.6127"]},
		{"metric": {"pod": "c"}, "value": [1700000000.5, "NaN"]}`))
	list := values(t, config(url, "a", "b", "c"), metricsPath)
	if expected := `rate(active_seconds_total{namespace="rival",pod=~"a|b|c"}[1m])`; *asked != expected {
		t.Errorf("asked %s", *asked)
	}
	if list.Kind != "MetricValueList" || list.APIVersion != "custom.metrics.k8s.io/v1beta2" || len(list.Items) != 2 {
		t.Fatalf("%+v", list)
	}
	a, c := list.Items[0], list.Items[1]
	if a.Value.MilliValue() != 612 || a.Timestamp.Unix() != 1700000000 || a.Metric.Name != metric {
		t.Errorf("%+v", a)
	}
	if object := a.DescribedObject; object.Kind != "Pod" || object.Namespace != "rival" || object.Name != "a" {
		t.Errorf("%+v", object)
	}
	if c.DescribedObject.Name != "c" || c.Value.MilliValue() != 0 {
		t.Errorf("%+v", c)
	}
}

func TestPodsAreThoseThatTheSelectorChooses(t *testing.T) {
	url, asked := answered(t, vector(""))
	c := config(url)
	c.Pods = func(_ context.Context, namespace, selector string) ([]string, error) {
		return []string{namespace + "/" + selector}, nil
	}
	if list := values(t, c, metricsPath+"?labelSelector=app%3Dcheckout"); len(list.Items) != 0 {
		t.Errorf("%+v", list)
	}
	if !strings.Contains(*asked, `pod=~"rival/app=checkout"`) {
		t.Errorf("asked %s", *asked)
	}
}

func TestWithoutPodsNothingIsAskedAndTheListIsEmpty(t *testing.T) {
	url, asked := answered(t, vector(""))
	code, body := get(t, config(url), metricsPath)
	if code != http.StatusOK || !strings.Contains(string(body), `"items":[]`) || *asked != "" {
		t.Errorf("%d %s, asked %q", code, body, *asked)
	}
}

func TestAFailureIsAStatusWithItsReason(t *testing.T) {
	broken, _ := answered(t, `{"status": "error", "errorType": "execution", "error": "too many samples"}`)
	scalar, _ := answered(t, `{"status": "success", "data": {"resultType": "scalar", "result": [1700000000, "1"]}}`)
	noPods := config(scalar)
	noPods.Pods = func(context.Context, string, string) ([]string, error) { return nil, errors.New("no API server") }
	for expected, c := range map[string]Config{
		"too many samples": config(broken, "a"), "a scalar came back": config(scalar, "a"), "no API server": noPods,
	} {
		if code, body := get(t, c, metricsPath); code != http.StatusInternalServerError ||
			!strings.Contains(string(body), `"kind":"Status"`) || !strings.Contains(string(body), expected) {
			t.Errorf("%d %s", code, body)
		}
	}
}

func TestOnlyItsMetricOfAllPodsIsThere(t *testing.T) {
	c := config("http://prometheus.invalid", "a")
	for _, path := range []string{
		groupPath + "/namespaces/rival/pods/*/memory", groupPath + "/namespaces/rival/pods/a/" + metric,
		groupPath + "/namespaces/rival/services/*/" + metric, "/apis", "/openapi/v2",
	} {
		if code, body := get(t, c, path); code != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	if code, body := get(t, c, groupPath); code != http.StatusOK || !strings.Contains(string(body), `"pods/`+metric+`"`) {
		t.Errorf("%d %s", code, body)
	}
}
