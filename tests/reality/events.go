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
	say("%s %4.0f s: %s, factor %g", r.scenario.Name, e.At.Seconds(), e.Kind, e.Factor)
	if e.Kind == podSlow {
		return r.slowPods(ctx, e)
	}
	if err := put(ctx, r.database, map[string]any{"factor": e.Factor}); err != nil {
		return err
	}
	if !shop.Pause(ctx, time.Until(r.begin.Add(e.end()))) {
		return nil
	}
	return put(ctx, r.database, map[string]any{"factor": 1})
}

// slowPods slows the oldest pods, as the simulator does. They end it themselves: a pod that is far behind would
// hear of the end too late.
func (r *run) slowPods(ctx context.Context, e event) error {
	names, err := r.podsOf(ctx, shop.ServiceName)
	if err != nil {
		return err
	}
	for _, name := range names[:min(max(e.Pods, 1), len(names))] {
		url, err := listeningURL(r.env.PodLog(shop.Namespace, name))
		if err != nil {
			return err
		}
		if err := put(ctx, url, map[string]any{"workFactor": e.Factor, "forMs": e.For.Milliseconds()}); err != nil {
			return err
		}
		say("%s: the slow pod is %s", r.scenario.Name, name)
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
