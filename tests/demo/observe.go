package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

const retryPause = time.Second

// replicaWatch keeps every change of the Deployment's replicas, with the moment it was seen.
type replicaWatch struct {
	mu      sync.Mutex
	changes []replicaChange
}

type replicaChange struct {
	seen          time.Time
	wanted, ready int
}

// run watches until ctx ends. A watch that breaks begins anew, with the state of then.
func (w *replicaWatch) run(ctx context.Context, k kubectl) {
	for ctx.Err() == nil {
		_ = k.lines(ctx, w.onLine, "get", "deployment", serviceName, "-n", shopNamespace, "--watch",
			"-o", `jsonpath={.spec.replicas},{.status.readyReplicas}{"\n"}`)
		pause(ctx, retryPause)
	}
}

func (w *replicaWatch) onLine(line string) {
	wanted, ready, _ := strings.Cut(line, ",")
	change := replicaChange{seen: time.Now()}
	if _, err := fmt.Sscan(wanted, &change.wanted); err != nil {
		return
	}
	_, _ = fmt.Sscan(ready, &change.ready) // absent means none is ready
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changes = append(w.changes, change)
}

func (w *replicaWatch) last() replicaChange {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.changes) == 0 {
		return replicaChange{}
	}
	return w.changes[len(w.changes)-1]
}

// since gives the changes times since `begin`; what was before holds at 0.
func (w *replicaWatch) since(begin time.Time) []replicaSample {
	w.mu.Lock()
	defer w.mu.Unlock()
	var samples []replicaSample
	for _, c := range w.changes {
		sample := replicaSample{max(0, c.seen.Sub(begin)), c.wanted, c.ready}
		if n := len(samples); n > 0 && sample.at == 0 {
			samples = samples[:n-1]
		}
		samples = append(samples, sample)
	}
	return samples
}

// followController calls onLine for each line of the controller's log from now until ctx ends.
func followController(ctx context.Context, env *environment, onLine func(string)) error {
	if env.podLog == nil {
		return env.kubectl.lines(ctx, onLine, "logs", "--follow", "--tail=0", "-n", controllerNamespace, "deployment/"+controllerName)
	}
	names, err := env.kubectl.run(ctx, nil, "get", "pods", "-n", controllerNamespace,
		"-o", `jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}`)
	if err != nil {
		return err
	}
	var wait sync.WaitGroup
	pods := strings.Fields(names)
	errs := make([]error, len(pods))
	for i, name := range pods {
		wait.Go(func() { errs[i] = followFile(ctx, env.podLog(controllerNamespace, name), onLine) })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// followFile is `tail --follow --lines=0`.
func followFile(ctx context.Context, path string, onLine func(string)) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("following the controller's log: %w", err)
	}
	defer file.Close()
	if _, err := file.Seek(0, io.SeekEnd); err != nil {
		return fmt.Errorf("following the controller's log: %w", err)
	}
	reader, partial := bufio.NewReader(file), ""
	for {
		text, err := reader.ReadString('\n')
		partial += text
		switch {
		case err == nil:
			onLine(strings.TrimSuffix(partial, "\n"))
			partial = ""
		case !errors.Is(err, io.EOF):
			return fmt.Errorf("following the controller's log: %w", err)
		case !pause(ctx, 100*time.Millisecond):
			return nil
		}
	}
}

// pause is false where ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
