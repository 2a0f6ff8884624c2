package shop

import (
	"cmp"
	"net/http"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// The load comes from vegeta, used as a library. k6's open model (its arrival-rate executors) is the same,
// but k6 runs a script engine for each virtual user, and the two cores that this is made for have
// pods, proxy and control plane to run too; and vegeta hands every single result to this process, from
// which latency can be counted from the moment the schedule wanted the request sent.

// Bounds the requests in flight, far above what an overload piles up before the first scale-out.
const maxInFlight = 10_000

// Arrivals is an open-loop load: the moments since its start at which requests are sent, ascending. They
// are fixed beforehand and do not wait for answers, as those of real users do not. It is the Pacer of vegeta.
type Arrivals []time.Duration

// Pace implements vegeta.Pacer.
func (a Arrivals) Pace(elapsed time.Duration, hits uint64) (time.Duration, bool) {
	if hits >= uint64(len(a)) {
		return 0, true
	}
	return max(0, a[hits]-elapsed), false
}

// Rate implements vegeta.Pacer: the mean until now.
func (a Arrivals) Rate(elapsed time.Duration) float64 {
	count := sort.Search(len(a), func(i int) bool { return a[i] > elapsed })
	return float64(count) / max(elapsed.Seconds(), 1)
}

// Load sends requests and keeps what came of them.
type Load struct {
	Begin time.Time

	arrivals Arrivals
	attacker *vegeta.Attacker

	mu       sync.Mutex
	requests []Request // as they ended
}

// StartLoad begins at once; the channel closes when the last request has ended. A client waits `patience`
// for its answer.
func StartLoad(url string, arrivals Arrivals, patience time.Duration) (*Load, <-chan struct{}) {
	return StartLoadTo(func(int) string { return url }, arrivals, patience)
}

// StartLoadTo is StartLoad with a URL for each arrival, told by its index.
func StartLoadTo(url func(arrival int) string, arrivals Arrivals, patience time.Duration) (*Load, <-chan struct{}) {
	l := &Load{arrivals: arrivals, Begin: time.Now()}
	l.attacker = vegeta.NewAttacker(
		vegeta.Timeout(patience),
		vegeta.MaxWorkers(maxInFlight),
		vegeta.Connections(maxInFlight),
		vegeta.MaxBody(0),
	)
	results := l.attacker.Attack(targeterOf(url, len(arrivals)), arrivals, 0, "load")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for result := range results {
			l.add(result)
		}
	}()
	return l, ended
}

// targeterOf hands out the URLs in order. Two requests of one moment may get each other's.
func targeterOf(url func(int) string, count int) vegeta.Targeter {
	var sent atomic.Int64
	return func(target *vegeta.Target) error {
		arrival := min(int(sent.Add(1)), count) - 1
		*target = vegeta.Target{Method: http.MethodGet, URL: url(arrival)}
		return nil
	}
}

// add counts latency from the scheduled moment: a worker that comes late must not hide the wait.
func (l *Load) add(result *vegeta.Result) {
	if result.Seq >= uint64(len(l.arrivals)) {
		return
	}
	sent := l.arrivals[result.Seq]
	done := result.Timestamp.Add(result.Latency).Sub(l.Begin)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, Request{Sent: sent, Latency: done - sent, Failure: failureOf(result)})
}

// failureOf is short and the same for the same kind of failure. Go's errors end with the cause.
func failureOf(result *vegeta.Result) string {
	if result.Error == "" || result.Code != 0 {
		return result.Error
	}
	parts := strings.Split(result.Error, ": ")
	return parts[len(parts)-1]
}

// Stop sends no more requests; those under way still end.
func (l *Load) Stop() { l.attacker.Stop() }

func (l *Load) Elapsed() time.Duration { return time.Since(l.Begin) }

// Sorted is all requests that have ended, by the time of sending.
func (l *Load) Sorted() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.SortedFunc(slices.Values(l.requests), func(a, b Request) int { return cmp.Compare(a.Sent, b.Sent) })
}

// Recent is the P99 and the number of errors of the requests that ended in the last P99Window.
func (l *Load) Recent() (float64, int) {
	since := l.Elapsed() - P99Window
	l.mu.Lock()
	defer l.mu.Unlock()
	var latencies []time.Duration
	failed := 0
	for _, r := range slices.Backward(l.requests) {
		if r.Done() < since {
			break
		}
		latencies = append(latencies, r.Latency)
		if r.Failure != "" {
			failed++
		}
	}
	return P99(latencies), failed
}
