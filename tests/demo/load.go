package main

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// The load comes from vegeta, used as a library. k6's open model (its arrival-rate executors) is the same,
// but k6 runs a script engine for each virtual user, and the two cores that this demo is made for have
// pods, proxy and control plane to run too; and vegeta hands every single result to this process, from
// which latency can be counted from the moment the schedule wanted the request sent.

const (
	requestTimeout = 30 * time.Second
	// Bounds the requests in flight, far above what the spike piles up before the first scale-out.
	maxInFlight = 10_000
)

// load sends a schedule's requests to one URL and keeps what came of them.
type load struct {
	schedule *schedule
	attacker *vegeta.Attacker
	begin    time.Time

	mu       sync.Mutex
	requests []request // as they ended
}

// startLoad begins at once; the channel closes when the last request has ended.
func startLoad(url string, s *schedule) (*load, <-chan struct{}) {
	l := &load{schedule: s, begin: time.Now()}
	l.attacker = vegeta.NewAttacker(
		vegeta.Timeout(requestTimeout),
		vegeta.MaxWorkers(maxInFlight),
		vegeta.Connections(maxInFlight),
		vegeta.MaxBody(0),
	)
	targeter := vegeta.NewStaticTargeter(vegeta.Target{Method: http.MethodGet, URL: url})
	results := l.attacker.Attack(targeter, s, 0, "demo")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for result := range results {
			l.add(result)
		}
	}()
	return l, ended
}

// add counts latency from the scheduled moment: a worker that comes late must not hide the wait.
func (l *load) add(result *vegeta.Result) {
	if result.Seq >= uint64(len(l.schedule.arrivals)) {
		return
	}
	sent := l.schedule.arrivals[result.Seq]
	done := result.Timestamp.Add(result.Latency).Sub(l.begin)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, request{sent: sent, latency: done - sent, failure: failureOf(result)})
}

// failureOf is short and the same for the same kind of failure. Go's errors end with the cause.
func failureOf(result *vegeta.Result) string {
	if result.Error == "" || result.Code != 0 {
		return result.Error
	}
	parts := strings.Split(result.Error, ": ")
	return parts[len(parts)-1]
}

// stop sends no more requests; those under way still end.
func (l *load) stop() { l.attacker.Stop() }

func (l *load) elapsed() time.Duration { return time.Since(l.begin) }

// sorted is all requests that have ended, by the time of sending.
func (l *load) sorted() []request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.SortedFunc(slices.Values(l.requests), func(a, b request) int { return cmp.Compare(a.sent, b.sent) })
}

// recent is the P99 and the number of errors of the requests that ended in the last p99Window.
func (l *load) recent() (float64, int) {
	since := l.elapsed() - p99Window
	l.mu.Lock()
	defer l.mu.Unlock()
	var latencies []time.Duration
	failed := 0
	for _, r := range slices.Backward(l.requests) {
		if r.done() < since {
			break
		}
		latencies = append(latencies, r.latency)
		if r.failure != "" {
			failed++
		}
	}
	return p99(latencies), failed
}
