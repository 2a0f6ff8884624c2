package outage

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The load of a pod: with it, and the targets of the policies, each service needs exactly as many replicas as it has;
// after the drop a quarter of them.
const (
	busyRate = targetRate // requests a second
	calmRate = busyRate / 4
	busyLag  = 0.010 + targetLag // seconds, of which the first 10 ms are the timer's own
	calmLag  = 0.010 + targetLag/4
)

// exporter shows, at /metrics/NAMESPACE/POD, what prom-client would in every pod of the cluster, and at
// /targets/NAMESPACE, which pods run (Prometheus' http_sd).
type exporter struct {
	server *http.Server
	url    string
	start  time.Time

	mu    sync.Mutex
	drops map[string]time.Time // namespace → when its load dropped
}

func startExporter() (*exporter, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e := &exporter{url: "http://" + listener.Addr().String(), start: time.Now(), drops: map[string]time.Time{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /targets/{namespace}", e.targets)
	mux.HandleFunc("GET /metrics/{namespace}/{pod}", e.metrics)
	e.server = &http.Server{Handler: mux}
	go func() { _ = e.server.Serve(listener) }()
	return e, nil
}

// drop lets the load of all pods of the namespace fall, from now on.
func (e *exporter) drop(namespace string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.drops[namespace] = time.Now()
}

func (e *exporter) targets(w http.ResponseWriter, r *http.Request) {
	namespace := r.PathValue("namespace")
	list, err := client.CoreV1().Pods(namespace).List(r.Context(), metav1.ListOptions{})
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	type group struct {
		Targets []string          `json:"targets"`
		Labels  map[string]string `json:"labels"`
	}
	groups := []group{}
	for _, pod := range list.Items {
		if pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil {
			groups = append(groups, group{[]string{strings.TrimPrefix(e.url, "http://")}, map[string]string{
				"__metrics_path__": "/metrics/" + namespace + "/" + pod.Name,
				"namespace":        namespace, "pod": pod.Name,
			}})
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(groups)
}

func (e *exporter) metrics(w http.ResponseWriter, r *http.Request) {
	requests, lag := e.at(r.PathValue("namespace"), time.Now())
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	fmt.Fprintf(w, "# TYPE nodejs_eventloop_lag_p99_seconds gauge\nnodejs_eventloop_lag_p99_seconds %g\n", lag)
	fmt.Fprintln(w, "# TYPE http_request_duration_seconds histogram")
	const of = `method="GET",route="/order",status_code="200"`
	// All take between 50 and 100 ms.
	for _, bucket := range []struct {
		bound string
		share float64
	}{{"0.05", 0}, {"0.1", 1}, {"0.25", 1}, {"0.5", 1}, {"1", 1}, {"+Inf", 1}} {
		fmt.Fprintf(w, "http_request_duration_seconds_bucket{%s,le=%q} %.3f\n", of, bucket.bound, bucket.share*requests)
	}
	_, _ = io.WriteString(w, fmt.Sprintf("http_request_duration_seconds_sum{%s} %.3f\nhttp_request_duration_seconds_count{%[1]s} %.3[3]f\n",
		of, 0.075*requests, requests))
}

// at returns the requests that a pod has counted by then, and its lag.
func (e *exporter) at(namespace string, now time.Time) (requests, lag float64) {
	e.mu.Lock()
	dropped, calm := e.drops[namespace]
	e.mu.Unlock()
	if !calm {
		return busyRate * now.Sub(e.start).Seconds(), busyLag
	}
	return busyRate*dropped.Sub(e.start).Seconds() + calmRate*now.Sub(dropped).Seconds(), calmLag
}
