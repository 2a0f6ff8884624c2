package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"evenkeel.dev/tests/cluster/proc"
	"evenkeel.dev/tests/shop"
)

// The event loop's time per request is more than what it is told to block: HTTP, metrics and the query itself cost
// some too. The simulator's work is all of it, so the rest is measured and taken off.

const (
	calibrationWork  = 4 * time.Millisecond // blocked per request
	calibrationPause = 8 * time.Millisecond // between two requests
	warmUpRequests   = 500                  // until the code is compiled
	measuredRequests = 200                  // of a round
	measuredRounds   = 6
	startDeadline    = 20 * time.Second
)

var listening = regexp.MustCompile(`listening on (http://[0-9.:]+)`)

// overhead is the loop's time per request beyond what the request blocks, without other load.
func overhead(ctx context.Context) (time.Duration, error) {
	dir, err := os.MkdirTemp("", "evenkeel-reality-")
	if err != nil {
		return 0, fmt.Errorf("measuring the service: %w", err)
	}
	defer os.RemoveAll(dir)
	database, err := startNode(ctx, dir, "database.js")
	if err != nil {
		return 0, err
	}
	defer database.stop()
	host, port, _ := strings.Cut(strings.TrimPrefix(database.url, "http://"), ":")
	service, err := startNode(ctx, dir, "server.js", "DATABASE_SERVICE_HOST="+host, "DATABASE_SERVICE_PORT="+port)
	if err != nil {
		return 0, err
	}
	defer service.stop()
	if _, err := activePerRequest(ctx, service.url, warmUpRequests); err != nil {
		return 0, err
	}
	return leastOverhead(ctx, service.url)
}

// leastOverhead is that of the round in which other processes disturbed least.
func leastOverhead(ctx context.Context, url string) (time.Duration, error) {
	least := time.Duration(math.MaxInt64)
	for range measuredRounds {
		active, err := activePerRequest(ctx, url, measuredRequests)
		if err != nil {
			return 0, err
		}
		least = min(least, active-calibrationWork)
	}
	return least, nil
}

// node is one of the service's programs, outside of the cluster.
type node struct {
	process *proc.Process
	url     string
}

func startNode(ctx context.Context, dir, program string, env ...string) (*node, error) {
	log := filepath.Join(dir, program+".log")
	out, err := os.Create(log)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	defer out.Close()
	command := exec.Command("node", filepath.Join("tests", "service", program))
	command.Env = append(append(os.Environ(), "PORT=0", "DRAIN_DELAY_MS=0"), env...)
	command.Stdout, command.Stderr = out, out
	process, err := proc.Start(command)
	if err != nil {
		return nil, err
	}
	n := &node{process: process}
	err = shop.Eventually(ctx, program+" listens", startDeadline, func(context.Context) (bool, error) {
		n.url, err = listeningURL(log)
		return n.url != "", err
	})
	if err != nil {
		n.stop()
		return nil, err
	}
	return n, nil
}

func (n *node) stop() { n.process.Stop(context.Background(), time.Second) }

// listeningURL is where a program of the service says in its log that it listens; empty before.
func listeningURL(log string) (string, error) {
	text, err := os.ReadFile(log)
	if err != nil {
		return "", fmt.Errorf("looking for an address: %w", err)
	}
	found := listening.FindSubmatch(text)
	if found == nil {
		return "", nil
	}
	return string(found[1]), nil
}

// activePerRequest sends requests that do not wait for each other.
func activePerRequest(ctx context.Context, url string, count int) (time.Duration, error) {
	before, err := activeSeconds(ctx, url)
	if err != nil {
		return 0, err
	}
	var arrivals shop.Arrivals
	for i := range count {
		arrivals = append(arrivals, time.Duration(i)*calibrationPause)
	}
	path := fmt.Sprintf("/checkout?ms=%g&query=4&distribution=fixed", milliseconds(calibrationWork))
	load, ended := shop.StartLoad(url+path, arrivals, patience)
	select {
	case <-ended:
	case <-ctx.Done():
		load.Stop()
		return 0, ctx.Err()
	}
	for _, r := range load.Sorted() {
		if r.Failure != "" {
			return 0, fmt.Errorf("measuring the service: a request failed: %s", r.Failure)
		}
	}
	after, err := activeSeconds(ctx, url)
	return time.Duration((after - before) / float64(count) * float64(time.Second)), err
}

const activeMetric = "nodejs_eventloop_active_seconds_total "

func activeSeconds(ctx context.Context, url string) (float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/metrics", nil)
	if err != nil {
		return 0, fmt.Errorf("reading the service's metrics: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, fmt.Errorf("reading the service's metrics: %w", err)
	}
	defer response.Body.Close()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), activeMetric); ok {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, fmt.Errorf("the service exports no %s", activeMetric)
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }
