package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"evenkeel.dev/tests/shop"
)

// playEvent waits for the event's time, begins it, and ends it.
func (r *run) playEvent(ctx context.Context, e event) error {
	if !shop.Pause(ctx, time.Until(r.begin.Add(e.At.Duration))) {
		return nil
	}
	switch e.Kind {
	case podSlow:
		say("%s %4.0f s: %s, factor %g", r.scenario.Name, e.At.Seconds(), e.Kind, e.Factor)
		return r.onAllSides(func(s *side) error { return r.slowPods(ctx, s, e) })
	case errorBurst: // is in the load
		say("%s %4.0f s: %s, %.0f %% of the requests", r.scenario.Name, e.At.Seconds(), e.Kind, 100*e.Fraction)
		return nil
	}
	say("%s %4.0f s: %s, factor %g", r.scenario.Name, e.At.Seconds(), e.Kind, e.Factor)
	if err := r.slowDatabases(ctx, e.Factor); err != nil {
		return err
	}
	if !shop.Pause(ctx, time.Until(r.begin.Add(e.end()))) {
		return nil
	}
	return r.slowDatabases(ctx, 1)
}

func (r *run) slowDatabases(ctx context.Context, factor float64) error {
	return r.onAllSides(func(s *side) error { return put(ctx, s.database, map[string]any{"factor": factor}) })
}

// slowPods slows the oldest pods, as the simulator does. They end it themselves: a pod that is far behind would
// hear of the end too late.
func (r *run) slowPods(ctx context.Context, s *side, e event) error {
	names, err := s.podsOf(ctx, r.env.Kubectl, shop.ServiceName)
	if err != nil {
		return err
	}
	for _, name := range names[:min(max(e.Pods, 1), len(names))] {
		url, err := listeningURL(r.env.PodLog(s.namespace, name))
		if err != nil {
			return err
		}
		if err := put(ctx, url, map[string]any{"workFactor": e.Factor, "forMs": e.For.Milliseconds()}); err != nil {
			return err
		}
		say("%s: the slow pod of %s is %s", r.scenario.Name, s.autoscaler, name)
	}
	return nil
}

// put sets what /settings of the service or the database takes.
func put(ctx context.Context, url string, settings any) error {
	body, err := json.Marshal(settings)
	if err != nil {
		return fmt.Errorf("encoding settings: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url+"/settings", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("setting %s: %w", body, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("setting %s: %w", body, err)
	}
	defer response.Body.Close()
	if answer, _ := io.ReadAll(io.LimitReader(response.Body, 4096)); response.StatusCode != http.StatusOK {
		return fmt.Errorf("setting %s: %s: %s", body, response.Status, answer)
	}
	return nil
}
