package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"evenkeel.dev/tests/cluster"
	"evenkeel.dev/tests/shop"
)

const (
	patience  = 10 * time.Second // of a client, as the simulated ones have it
	firstSeed = 20241128         // of the arrivals of the first run
	showEvery = 15 * time.Second
	// What a start takes that is not the service's own: the node agent's, and half of the probe's period.
	startElse = time.Second
)

// run is a scenario that is being played.
type run struct {
	scenario *scenario
	seed     uint64 // of the arrivals
	inputs   paths
	paths    runPaths
	env      *shop.Environment
	contest  bool          // the HPA has a side, too
	sides    []*side       // Evenkeel's first
	begin    time.Time     // of the loads
	overhead time.Duration // of a request
}

// onAllSides does it for one after the other; what fails on one does not keep it from the other.
func (r *run) onAllSides(do func(*side) error) error {
	var failed []error
	for _, s := range r.sides {
		if err := do(s); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.autoscaler, err))
		}
	}
	return errors.Join(failed...)
}

// play runs the scenario on real processes and leaves what was seen in the paths of this run, the first being 1.
func play(ctx context.Context, s *scenario, p paths, number int, contest bool) error {
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
	r := &run{scenario: s, seed: firstSeed + uint64(number) - 1, inputs: p, paths: p.ofRun(number), env: env, contest: contest,
		sides: sidesOf(p.ofRun(number), contest), overhead: extra}
	installed, err := shop.Install(ctx, env, overlayOf(contest))
	if err != nil {
		return err
	}
	if err := r.onAllSides(func(one *side) error { return r.prepare(ctx, one, installed) }); err != nil {
		return err
	}
	if contest {
		metrics, err := r.serveMetrics(ctx)
		if err != nil {
			return err
		}
		defer metrics.Close()
	}
	return r.observe(ctx, installed)
}

func overlayOf(contest bool) string {
	overlays := filepath.Join("tests", "reality", "overlay")
	if contest {
		return filepath.Join(overlays, "contest")
	}
	return filepath.Join(overlays, "alone")
}

func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// prepare makes a side's pods and database those of the scenario.
func (r *run) prepare(ctx context.Context, s *side, installed *shop.Installation) error {
	pod, database := r.scenario.Pod, r.scenario.Database
	deployment := "deployment/" + shop.ServiceName
	ms := func(d time.Duration) string { return strconv.FormatInt(max(0, d.Milliseconds()), 10) }
	commands := [][]string{
		{"rollout", "status", "deployment/database", "--timeout=80s"}, // the service's pods are told where it is
		{"set", "env", deployment,
			"STARTUP_LEAST_MS=" + ms(pod.Startup[0].Duration-startElse), "STARTUP_MOST_MS=" + ms(pod.Startup[1].Duration-startElse),
			"LISTEN_BACKLOG=" + strconv.Itoa(pod.Backlog), "DATABASE_POOL_SIZE=" + strconv.Itoa(database.PoolPerPod),
			"DATABASE_ACQUIRE_TIMEOUT_MS=" + ms(database.AcquireTimeout.Duration)},
		{"scale", deployment, "--replicas=" + strconv.Itoa(r.scenario.Replicas.Initial)},
		{"rollout", "status", deployment, "--timeout=80s"},
	}
	for _, command := range commands {
		if _, err := r.env.Kubectl.Run(ctx, nil, append(command, "-n", s.namespace)...); err != nil {
			return err
		}
	}
	if err := r.awaitPods(ctx, s); err != nil {
		return err
	}
	var err error
	if s.service, err = installed.ServiceURL(ctx, s.namespace, ""); err != nil {
		return err
	}
	databases, err := s.podsOf(ctx, r.env.Kubectl, "database")
	if err != nil {
		return err
	}
	if s.database, err = listeningURL(r.env.PodLog(s.namespace, databases[0])); err != nil {
		return err
	}
	return put(ctx, s.database, map[string]any{"slots": database.Servers, "perConnection": database.PerConnection})
}

// awaitPods waits until the pods of earlier settings are gone.
func (r *run) awaitPods(ctx context.Context, s *side) error {
	return shop.Eventually(ctx, "only the initial pods", startDeadline+patience, func(ctx context.Context) (bool, error) {
		names, err := s.podsOf(ctx, r.env.Kubectl, shop.ServiceName)
		return len(names) == r.scenario.Replicas.Initial, err
	})
}

// observe sends the loads and plays the events; all its observers have ended when it returns.
func (r *run) observe(ctx context.Context, installed *shop.Installation) error {
	log, err := os.Create(r.paths.controller)
	if err != nil {
		return fmt.Errorf("keeping the controller's log: %w", err)
	}
	defer log.Close()
	observing, stop := context.WithCancel(ctx)
	var observers sync.WaitGroup
	defer observers.Wait()
	defer stop()
	for _, s := range r.sides {
		observers.Go(func() { s.replicas.Run(observing, r.env.Kubectl, s.namespace) })
	}
	observers.Go(func() { r.followController(observing, log) })
	r.startLoads()
	defer r.stopLoads()
	if err := r.beginScaling(ctx, installed); err != nil {
		return err
	}
	machine, err := r.follow(observing)
	if err != nil {
		return err
	}
	if err := r.awaitLoads(); err != nil {
		return err
	}
	return r.keep(ctx, machine)
}

// startLoads sends the same arrivals to all sides, and lets the same of them fail in an error burst.
func (r *run) startLoads() {
	s := r.scenario
	arrivals := s.Arrivals.Rate.arrivals(s.Duration.Duration, r.seed)
	failing := s.failing(arrivals, r.seed)
	path := fmt.Sprintf("/checkout?ms=%g&query=%g", milliseconds(s.Pod.Work.Duration-r.overhead), milliseconds(s.Database.Service.Duration))
	for _, one := range r.sides {
		served, failed := one.service+path, one.service+"/fail"
		one.load, one.ended = shop.StartLoadTo(func(arrival int) string {
			if failing[arrival] {
				return failed
			}
			return served
		}, arrivals, patience)
	}
	r.begin = r.sides[0].load.Begin
}

func (r *run) stopLoads() {
	for _, s := range r.sides {
		s.load.Stop()
	}
}

func (r *run) awaitLoads() error {
	late := time.After(2 * patience)
	for _, s := range r.sides {
		select {
		case <-s.ended:
		case <-late:
			return errors.New("requests of the load did not end at their timeout")
		}
	}
	return nil
}

// beginScaling gives each side its autoscaler.
func (r *run) beginScaling(ctx context.Context, installed *shop.Installation) error {
	if r.contest {
		if _, err := r.env.Kubectl.Run(ctx, nil, "apply", "-f", r.inputs.rivalObject); err != nil {
			return err
		}
	}
	_, err := installed.ApplyPolicy(ctx, r.inputs.policy)
	return err
}

func (r *run) followController(ctx context.Context, keep io.Writer) {
	err := shop.FollowController(ctx, r.env, func(line string) { fmt.Fprintln(keep, line) })
	if err != nil && ctx.Err() == nil {
		say("the controller's log is not kept: %v", err)
	}
}

// follow plays the events and looks at databases and machine until the scenario has ended.
func (r *run) follow(ctx context.Context) ([]machineSample, error) {
	failed := make(chan error, 1+len(r.scenario.Events))
	if r.contest {
		go func() { failed <- r.awaitRival(ctx) }()
	}
	for _, e := range r.scenario.Events {
		go func() { failed <- r.playEvent(ctx, e) }()
	}
	var samples []machineSample
	end := time.After(time.Until(r.begin.Add(r.scenario.Duration.Duration)))
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
			samples = append(samples, r.look(ctx, processors))
		case <-show.C:
			r.show(samples)
		}
	}
}

func (r *run) look(ctx context.Context, processors *processorWatch) machineSample {
	sample := machineSample{At: time.Since(r.begin).Seconds(), Busy: processors.busy(), Databases: map[string]json.RawMessage{}}
	for _, s := range r.sides {
		sample.Databases[s.autoscaler] = statusOf(ctx, s.database)
	}
	return sample
}

func (r *run) show(samples []machineSample) {
	busy := 0.0
	if len(samples) > 0 {
		busy = samples[len(samples)-1].Busy
	}
	at := time.Since(r.begin)
	text := fmt.Sprintf("%s %4.0f s of %s: %3.0f/s, processors %.0f %% busy", r.scenario.Name,
		at.Seconds(), r.scenario.Duration, r.scenario.Arrivals.Rate.rateAt(at), 100*busy)
	for _, s := range r.sides {
		replicas := s.replicas.Last()
		p99, failed := s.load.Recent()
		text += fmt.Sprintf("; %s: P99 %.3f s, %d failed, %d replicas (%d ready)", s.autoscaler, p99, failed, replicas.Wanted, replicas.Ready)
	}
	say("%s", text)
}
