// Package adapter serves the custom metrics API of Kubernetes (custom.metrics.k8s.io) from Prometheus, so that the
// real HorizontalPodAutoscaler can scale on a metric of pods. It answers as kubernetes-sigs/prometheus-adapter does:
// the pods that exist and match, each with its value in thousandths; a pod without samples is absent.
//
// It serves one metric, of pods only. It listens on 127.0.0.1 and asks nobody who they are: the API server in front
// of it has checked that.
package adapter

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/api"
	prometheus "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/metrics/pkg/apis/custom_metrics/v1beta2"
)

const (
	groupPath     = "/apis/custom.metrics.k8s.io/v1beta2"
	queryDeadline = 10 * time.Second // the HPA's own patience is 30 s
)

// Config says what is served.
type Config struct {
	PrometheusURL string
	Metric        string // its name in the API
	// Query is PromQL with one series for each pod, told by the label `pod`. Its %s becomes the matchers of namespace
	// and pods.
	Query string
	// Pods lists the names of a namespace's pods that match a label selector. Prometheus remembers pods that are gone.
	Pods func(ctx context.Context, namespace, selector string) ([]string, error)
}

// Handler answers the API's requests: the list of resources, and the metric of all pods that match a selector, which
// is all that an HPA asks for.
func (c Config) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+groupPath, func(w http.ResponseWriter, _ *http.Request) { write(w, http.StatusOK, c.resources()) })
	mux.HandleFunc("GET "+groupPath+"/namespaces/{namespace}/pods/{name}/{metric}", c.serveMetric)
	return mux
}

func (c Config) resources() *metav1.APIResourceList {
	return &metav1.APIResourceList{
		TypeMeta:     metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"},
		GroupVersion: v1beta2.SchemeGroupVersion.String(),
		APIResources: []metav1.APIResource{{
			Name: "pods/" + c.Metric, Namespaced: true, Kind: "MetricValueList", Verbs: metav1.Verbs{"get"}}},
	}
}

func (c Config) serveMetric(w http.ResponseWriter, r *http.Request) {
	if name, metric := r.PathValue("name"), r.PathValue("metric"); name != v1beta2.AllObjects || metric != c.Metric {
		write(w, http.StatusNotFound, failure(http.StatusNotFound,
			fmt.Sprintf("there is no metric %q of pods %q; there is %q of %q", metric, name, c.Metric, v1beta2.AllObjects)))
		return
	}
	values, err := c.values(r.Context(), r.PathValue("namespace"), r.URL.Query().Get("labelSelector"))
	if err != nil {
		write(w, http.StatusInternalServerError, failure(http.StatusInternalServerError, err.Error()))
		return
	}
	write(w, http.StatusOK, values)
}

func (c Config) values(ctx context.Context, namespace, selector string) (*v1beta2.MetricValueList, error) {
	list := &v1beta2.MetricValueList{
		TypeMeta: metav1.TypeMeta{Kind: "MetricValueList", APIVersion: v1beta2.SchemeGroupVersion.String()},
		Items:    []v1beta2.MetricValue{},
	}
	pods, err := c.Pods(ctx, namespace, selector)
	if err != nil || len(pods) == 0 {
		return list, err
	}
	samples, err := c.ask(ctx, namespace, pods)
	if err != nil {
		return nil, err
	}
	for _, sample := range samples {
		list.Items = append(list.Items, c.value(namespace, sample))
	}
	return list, nil
}

// ask puts the query for these pods, as of now.
func (c Config) ask(ctx context.Context, namespace string, pods []string) (model.Vector, error) {
	client, err := api.NewClient(api.Config{Address: c.PrometheusURL})
	if err != nil {
		return nil, fmt.Errorf("Prometheus at %s: %w", c.PrometheusURL, err)
	}
	ctx, cancel := context.WithTimeout(ctx, queryDeadline)
	defer cancel()
	query := fmt.Sprintf(c.Query, fmt.Sprintf("namespace=%q,pod=~%q", namespace, strings.Join(pods, "|")))
	value, _, err := prometheus.NewAPI(client).Query(ctx, query, time.Now())
	if err != nil {
		return nil, fmt.Errorf("asking Prometheus for %s: %w", query, err)
	}
	vector, isVector := value.(model.Vector)
	if !isVector {
		return nil, fmt.Errorf("asking Prometheus for %s: a %s came back", query, value.Type())
	}
	return vector, nil
}

func (c Config) value(namespace string, sample *model.Sample) v1beta2.MetricValue {
	v := v1beta2.MetricValue{Timestamp: metav1.Time{Time: sample.Timestamp.Time()}}
	v.DescribedObject.Kind, v.DescribedObject.APIVersion = "Pod", "/v1"
	v.DescribedObject.Namespace, v.DescribedObject.Name = namespace, string(sample.Metric["pod"])
	v.Metric.Name = c.Metric
	thousandths := 0.0 // what is no number counts as nothing, as in prometheus-adapter
	if !math.IsNaN(float64(sample.Value)) {
		thousandths = 1000 * float64(sample.Value)
	}
	v.Value = *resource.NewMilliQuantity(int64(thousandths), resource.DecimalSI)
	return v
}

func failure(code int32, message string) *metav1.Status {
	return &metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status:   metav1.StatusFailure, Code: code, Message: message,
	}
}

func write(w http.ResponseWriter, code int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer) // who asked may be gone
}
