package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Arrivals do not wait for answers (an open loop): a service that is too slow gets a queue, as with real users.
const (
	arrivals    = 40               // a second
	work        = "/work?ms=55"    // of event-loop time each: 2.2 event loops in all
	mostAtOnce  = 500              // beyond that the users go away
	longestLoad = 5 * time.Minute  // whatever the test does
	giveUp      = 20 * time.Second // of one user
)

// load runs against the shop until stopped, and at the latest to the end of the test.
type load struct {
	stop                   func()
	sent, failed, declined atomic.Int64
}

func (s *shop) load() *load {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), longestLoad)
	l := &load{}
	var requests sync.WaitGroup
	requests.Go(func() { l.run(ctx, &requests, s.url+work) })
	l.stop = sync.OnceFunc(func() {
		cancel()
		requests.Wait()
		s.t.Logf("load: %d requests sent, %d failed, %d declined", l.sent.Load(), l.failed.Load(), l.declined.Load())
	})
	s.t.Cleanup(l.stop)
	return l
}

func (l *load) run(ctx context.Context, requests *sync.WaitGroup, url string) {
	users := &http.Client{Timeout: giveUp, Transport: &http.Transport{MaxIdleConnsPerHost: mostAtOnce}}
	defer users.CloseIdleConnections()
	places := make(chan struct{}, mostAtOnce)
	ticker := time.NewTicker(time.Second / arrivals)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		select {
		case places <- struct{}{}:
			requests.Go(func() {
				defer func() { <-places }()
				l.request(users, url)
			})
		default:
			l.declined.Add(1)
		}
	}
}

func (l *load) request(users *http.Client, url string) {
	l.sent.Add(1)
	response, err := users.Get(url)
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			err = fmt.Errorf("answered %s", response.Status)
		}
	}
	if err != nil {
		l.failed.Add(1)
	}
}

// busyShop has a policy, a load, and the four replicas that it needs.
func busyShop(t *testing.T, namespace string) (*shop, *load) {
	t.Helper()
	s := newShop(t, namespace)
	s.open(2)
	s.steer(nil)
	l := s.load()
	s.awaitReplicas(4)
	return s, l
}
