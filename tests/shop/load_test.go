package shop

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

func TestLatencyCountsFromTheScheduledMoment(t *testing.T) {
	begin := time.Now()
	l := &Load{arrivals: Arrivals{time.Second}, Begin: begin}
	// A worker that came 2 s late, and was then answered within 10 ms.
	l.add(&vegeta.Result{Seq: 0, Timestamp: begin.Add(3 * time.Second), Latency: 10 * time.Millisecond})
	if expected := (Request{Sent: time.Second, Latency: 2010 * time.Millisecond}); l.requests[0] != expected {
		t.Errorf("%+v", l.requests[0])
	}
}

func TestFailuresOfOneKindHaveOneName(t *testing.T) {
	for _, c := range []struct {
		result vegeta.Result
		name   string
	}{
		{vegeta.Result{Code: 200}, ""},
		{vegeta.Result{Code: 502, Error: "502 Bad Gateway"}, "502 Bad Gateway"},
		{vegeta.Result{Error: `Get "http://127.0.0.1:1/": read tcp 127.0.0.1:4->127.0.0.1:1: connection reset`}, "connection reset"},
	} {
		if name := failureOf(&c.result); name != c.name {
			t.Errorf("%+v is named %q", c.result, name)
		}
	}
}

func TestTheLoadDoesNotWaitForAnswers(t *testing.T) {
	const count = 20
	waiting := make(chan struct{}, count)
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		waiting <- struct{}{}
		<-release
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	l, ended := StartLoad(server.URL, make(Arrivals, count), time.Minute)
	for range count { // none has been answered when the last one arrives
		select {
		case <-waiting:
		case <-time.After(20 * time.Second):
			t.Fatal("requests wait for answers")
		}
	}
	close(release)
	<-ended
	if requests := l.Sorted(); len(requests) != count {
		t.Errorf("%d requests", len(requests))
	}
	if _, failed := l.Recent(); failed != count {
		t.Errorf("%d recent failures", failed)
	}
}

func TestThePacerWaitsForTheNextArrivalAndNeverForAnswers(t *testing.T) {
	arrivals := Arrivals{time.Second, 2 * time.Second}
	for _, c := range []struct {
		elapsed time.Duration
		hits    uint64
		wait    time.Duration
		stop    bool
	}{
		{0, 0, time.Second, false},
		{1500 * time.Millisecond, 1, 500 * time.Millisecond, false},
		{5 * time.Second, 1, 0, false}, // late: at once
		{5 * time.Second, 2, 0, true},
	} {
		if wait, stop := arrivals.Pace(c.elapsed, c.hits); wait != c.wait || stop != c.stop {
			t.Errorf("Pace(%s, %d) = %s, %t, expected %s, %t", c.elapsed, c.hits, wait, stop, c.wait, c.stop)
		}
	}
}

func TestEachArrivalMayHaveAURLOfItsOwn(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked[r.URL.Path]++
	}))
	defer server.Close()
	url := func(arrival int) string { return fmt.Sprintf("%s/%d", server.URL, arrival) }
	_, ended := StartLoadTo(url, make(Arrivals, 3), time.Minute)
	<-ended
	if !maps.Equal(asked, map[string]int{"/0": 1, "/1": 1, "/2": 1}) {
		t.Errorf("%v", asked)
	}
}
