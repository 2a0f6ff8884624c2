package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"

	"evenkeel.dev/tests/shop"
)

const (
	requestTimeout = 30 * time.Second
	progressEvery  = 5 * time.Second
	lookEvery      = 500 * time.Millisecond
	// How long replicas must be back, and P99 under its objective, for the load to end early.
	restBeforeEnd = 10 * time.Second
	watchDeadline = 30 * time.Second
)

// demo runs the whole of it; its error says what was not shown.
func demo(ctx context.Context, o options) (err error) {
	screen := &console{out: os.Stdout}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return fmt.Errorf("making the output directory: %w", err)
	}
	env, err := shop.OpenEnvironment(ctx, o.prometheusURL, os.Stderr)
	if err != nil {
		return err
	}
	defer env.Close()
	screen.say("installing Evenkeel and the shop")
	installed, err := shop.Install(ctx, env, o.overlay)
	if installed != nil && env.Shared {
		defer func() { err = errors.Join(err, installed.Remove(context.WithoutCancel(ctx))) }()
	}
	if err != nil {
		return err
	}
	policy, err := installed.ApplyPolicy(ctx, o.policy)
	if err != nil {
		return err
	}
	promised, err := parseGoals(policy)
	if err != nil {
		return err
	}
	run := &run{options: o, env: env, installed: installed, goals: promised, screen: screen}
	seen, err := run.observe(ctx)
	if err != nil {
		return err
	}
	return report(ctx, run, seen)
}

// run is one load with its observers.
type run struct {
	options   options
	env       *shop.Environment
	installed *shop.Installation
	goals     goals
	screen    *console
	replicas  shop.ReplicaWatch
	plan      *schedule // once the load has begun
}

// observe sends the load and watches; all its observers have ended when it returns.
func (r *run) observe(ctx context.Context) (*timeline, error) {
	url, err := r.installed.ServiceURL(ctx, shop.Namespace, r.options.path)
	if err != nil {
		return nil, err
	}
	controllerLog, err := os.Create(filepath.Join(r.options.out, "controller.log"))
	if err != nil {
		return nil, fmt.Errorf("keeping the controller's log: %w", err)
	}
	defer controllerLog.Close()
	observing, stop := context.WithCancel(ctx)
	var observers sync.WaitGroup
	defer observers.Wait()
	defer stop()
	observers.Go(func() { r.replicas.Run(observing, r.env.Kubectl, shop.Namespace) })
	observers.Go(func() { r.showDecisions(observing, controllerLog) })
	err = shop.Eventually(ctx, "the Deployment's replicas", watchDeadline,
		func(context.Context) (bool, error) { return r.replicas.Last().Wanted > 0, nil })
	if err != nil {
		return nil, err
	}
	return r.sendLoad(ctx, url)
}

func (r *run) showDecisions(ctx context.Context, keep io.Writer) {
	var filter decisionFilter
	err := shop.FollowController(ctx, r.env, func(line string) {
		fmt.Fprintln(keep, line)
		if decision, isNew := filter.news(line); isNew {
			r.screen.say("%s", decision)
		}
	})
	if err != nil && ctx.Err() == nil {
		r.screen.say("no more decisions are shown: %v", err)
	}
}

func (r *run) sendLoad(ctx context.Context, url string) (*timeline, error) {
	o := r.options
	plan := newSchedule(phase{"low", o.low, o.warmUp}, phase{"spike", o.high, o.spike}, phase{"low again", o.low, o.settle})
	r.plan = plan
	r.screen.say("load on %s: %g requests/s, after %s %g for %s, then %g again", url, o.low, o.warmUp, o.high, o.spike, o.low)
	load, ended := shop.StartLoad(url, plan.arrivals, requestTimeout)
	r.screen.startClock(load.Begin)
	end := r.follow(ctx, load, ended)
	load.Stop()
	select {
	case <-ended:
	case <-time.After(requestTimeout + time.Second):
		return nil, errors.New("requests of the load did not end at their timeout")
	}
	return &timeline{
		schedule: plan, goals: r.goals, begin: load.Begin, end: end,
		requests: load.Sorted(), replicas: r.replicas.Since(load.Begin),
	}, ctx.Err()
}

// follow shows progress until the load has ended, all is at rest again, or ctx ends; it returns when.
func (r *run) follow(ctx context.Context, load *shop.Load, ended <-chan struct{}) time.Duration {
	look, show := time.NewTicker(lookEvery), time.NewTicker(progressEvery)
	defer look.Stop()
	defer show.Stop()
	var restless time.Duration
	for {
		select {
		case <-ctx.Done():
			return load.Elapsed()
		case <-ended:
			return min(load.Elapsed(), r.plan.length())
		case <-show.C:
			r.progress(load)
			continue
		case <-look.C:
		}
		now := load.Elapsed()
		if !r.atRest(load) {
			restless = now
		}
		if now > r.plan.spikeEnd()+restBeforeEnd && now-restless > restBeforeEnd {
			return now
		}
	}
}

func (r *run) atRest(load *shop.Load) bool {
	replicas, rest := r.replicas.Last(), r.goals.minReplicas
	p99, _ := load.Recent()
	return replicas.Wanted == rest && replicas.Ready == rest && p99 <= r.goals.latencyP99.Seconds()
}

func (r *run) progress(load *shop.Load) {
	replicas := r.replicas.Last()
	p99, failed := load.Recent()
	now := r.plan.at(load.Elapsed())
	r.screen.say("%-9s %3g/s  P99 %s  replicas %d (%d ready)  errors %d",
		now.name, now.rate, latencyText(p99), replicas.Wanted, replicas.Ready, failed)
}

func latencyText(seconds float64) string {
	if math.IsNaN(seconds) {
		return "unknown" // no request has ended of late
	}
	return fmt.Sprintf("%6.3fs", seconds)
}

// console prints lines with the seconds of the load, from several goroutines.
type console struct {
	mu    sync.Mutex
	out   io.Writer
	begin time.Time // zero before the load
}

func (c *console) startClock(begin time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begin = begin
}

func (c *console) say(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.begin.IsZero() {
		fmt.Fprintf(c.out, "%5.0fs  ", time.Since(c.begin).Seconds())
	}
	fmt.Fprintf(c.out, format+"\n", args...)
}
