package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"evenkeel.dev/tests/cluster"
	"evenkeel.dev/tests/shop"
)

const (
	patience    = 10 * time.Second // of a client, as the simulated ones have it
	arrivalSeed = 20241128
	showEvery   = 15 * time.Second
	// What a start takes that is not the service's own: the node agent's, and half of the probe's period.
	startElse = time.Second
)

// run is a scenario that is being played.
type run struct {
	scenario *scenario
	paths    paths
	env      *shop.Environment
	database string // its URL
	replicas shop.ReplicaWatch
	begin    time.Time     // of the load
	overhead time.Duration // of a request
}

// play runs the scenario on real processes and leaves what was seen in the paths.
func play(ctx context.Context, s *scenario, p paths) error {
	say("%s: measuring what a request costs besides its work", s.Name)
	extra, err := overhead(ctx)
	if err != nil {
		return err
	}
	if 2*extra > s.Pod.Work.Duration {
		return fmt.Errorf("a request costs %s besides its work: too much beside a work of %s", extra, s.Pod.Work)
	}
	say("%s: a request costs %s besides its work; starting the cluster", s.Name, extra.Round(10*time.Microsecond))
	env, err := shop.StartEnvironment(ctx, cluster.Options{Log: os.Stderr, ScrapeInterval: s.Metrics.Scrape.Duration})
	if err != nil {
		return err
	}
	defer env.Close()
	r := &run{scenario: s, paths: p, env: env, overhead: extra}
	installed, err := shop.Install(ctx, env, filepath.Join("tests", "reality", "overlay"))
	if err != nil {
		return err
	}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	path := fmt.Sprintf("/checkout?ms=%g&query=%g", milliseconds(s.Pod.Work.Duration-extra), milliseconds(s.Database.Service.Duration))
	url, err := installed.ServiceURL(ctx, path)
	if err != nil {
		return err
	}
	return r.observe(ctx, url, installed)
}

func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// prepare makes pods and database those of the scenario.
func (r *run) prepare(ctx context.Context) error {
	pod, database := r.scenario.Pod, r.scenario.Database
	deployment := "deployment/" + shop.ServiceName
	ms := func(d time.Duration) string { return strconv.FormatInt(max(0, d.Milliseconds()), 10) }
	commands := [][]string{
		{"set", "env", deployment,
			"STARTUP_LEAST_MS=" + ms(pod.Startup[0].Duration-startElse), "STARTUP_MOST_MS=" + ms(pod.Startup[1].Duration-startElse),
			"DATABASE_POOL_SIZE=" + strconv.Itoa(database.PoolPerPod),
			"DATABASE_ACQUIRE_TIMEOUT_MS=" + ms(database.AcquireTimeout.Duration)},
		{"scale", deployment, "--replicas=" + strconv.Itoa(r.scenario.Replicas.Initial)},
		{"rollout", "status", deployment, "--timeout=80s"},
	}
	for _, command := range commands {
		if _, err := r.env.Kubectl.Run(ctx, nil, append(command, "-n", shop.Namespace)...); err != nil {
			return err
		}
	}
	if err := r.awaitPods(ctx); err != nil {
		return err
	}
	names, err := r.podsOf(ctx, "database")
	if err != nil {
		return err
	}
	if r.database, err = listeningURL(r.env.PodLog(shop.Namespace, names[0])); err != nil {
		return err
	}
	return put(ctx, r.database, map[string]any{"slots": database.Servers, "perConnection": database.PerConnection})
}

// awaitPods waits until the pods of earlier settings are gone.
func (r *run) awaitPods(ctx context.Context) error {
	return shop.Eventually(ctx, "only the initial pods", startDeadline+patience, func(ctx context.Context) (bool, error) {
		names, err := r.podsOf(ctx, shop.ServiceName)
		return len(names) == r.scenario.Replicas.Initial, err
	})
}

// podsOf are the names of a Deployment's pods, the oldest first.
func (r *run) podsOf(ctx context.Context, name string) ([]string, error) {
	names, err := r.env.Kubectl.Run(ctx, nil, "get", "pods", "-n", shop.Namespace, "-l", "app.kubernetes.io/name="+name,
		"--sort-by=.metadata.creationTimestamp", "-o", `jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}`)
	return strings.Fields(names), err
}

// observe sends the load and plays the events; all its observers have ended when it returns.
func (r *run) observe(ctx context.Context, url string, installed *shop.Installation) error {
	log, err := os.Create(r.paths.controller)
	if err != nil {
		return fmt.Errorf("keeping the controller's log: %w", err)
	}
	defer log.Close()
	observing, stop := context.WithCancel(ctx)
	var observers sync.WaitGroup
	defer observers.Wait()
	defer stop()
	observers.Go(func() { r.replicas.Run(observing, r.env.Kubectl) })
	observers.Go(func() { r.followController(observing, log) })
	load, ended := shop.StartLoad(url, r.scenario.Arrivals.Rate.arrivals(r.scenario.Duration.Duration, arrivalSeed), patience)
	defer load.Stop()
	r.begin = load.Begin
	if _, err := installed.ApplyPolicy(ctx, r.paths.policy); err != nil {
		return err
	}
	machine, err := r.follow(observing, load)
	if err != nil {
		return err
	}
	select {
	case <-ended:
	case <-time.After(2 * patience):
		return errors.New("requests of the load did not end at their timeout")
	}
	return r.keep(ctx, load, machine)
}

func (r *run) followController(ctx context.Context, keep io.Writer) {
	err := shop.FollowController(ctx, r.env, func(line string) { fmt.Fprintln(keep, line) })
	if err != nil && ctx.Err() == nil {
		say("the controller's log is not kept: %v", err)
	}
}

// follow plays the events and looks at database and machine until the scenario has ended.
func (r *run) follow(ctx context.Context, load *shop.Load) ([]machineSample, error) {
	failed := make(chan error, 2*len(r.scenario.Events))
	for _, e := range r.scenario.Events {
		go func() { failed <- r.playEvent(ctx, e) }()
	}
	var samples []machineSample
	end := time.After(r.scenario.Duration.Duration - load.Elapsed())
	look, show := time.NewTicker(time.Second), time.NewTicker(showEvery)
	defer look.Stop()
	defer show.Stop()
	processors := &processorWatch{}
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-end:
			return samples, nil
		case err := <-failed:
			if err != nil {
				return nil, err
			}
		case <-look.C:
			samples = append(samples, machineSample{
				At: load.Elapsed().Seconds(), Busy: processors.busy(), Database: statusOf(ctx, r.database)})
		case <-show.C:
			r.show(load, samples)
		}
	}
}

func (r *run) show(load *shop.Load, samples []machineSample) {
	replicas := r.replicas.Last()
	p99, failed := load.Recent()
	busy := 0.0
	if len(samples) > 0 {
		busy = samples[len(samples)-1].Busy
	}
	at := load.Elapsed()
	say("%s %4.0f s of %s: %3.0f/s, P99 %.3f s, %d failed, %d replicas (%d ready), processors %.0f %% busy", r.scenario.Name,
		at.Seconds(), r.scenario.Duration, r.scenario.Arrivals.Rate.rateAt(at), p99, failed, replicas.Wanted, replicas.Ready, 100*busy)
}
