package shop

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

// ReplicaWatch keeps every change of the Deployment's replicas, with the moment it was seen.
type ReplicaWatch struct {
	mu      sync.Mutex
	changes []ReplicaChange
}

type ReplicaChange struct {
	Seen          time.Time
	Wanted, Ready int
}

// Run watches the namespace's until ctx ends. A watch that breaks begins anew, with the state of then.
func (w *ReplicaWatch) Run(ctx context.Context, k Kubectl, namespace string) {
	for ctx.Err() == nil {
		_ = k.Lines(ctx, w.onLine, "get", "deployment", ServiceName, "-n", namespace, "--watch",
			"-o", `jsonpath={.spec.replicas},{.status.readyReplicas}{"\n"}`)
		Pause(ctx, retryPause)
	}
}

func (w *ReplicaWatch) onLine(line string) {
	wanted, ready, _ := strings.Cut(line, ",")
	change := ReplicaChange{Seen: time.Now()}
	if _, err := fmt.Sscan(wanted, &change.Wanted); err != nil {
		return
	}
	_, _ = fmt.Sscan(ready, &change.Ready) // absent means none is ready
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changes = append(w.changes, change)
}

func (w *ReplicaWatch) Last() ReplicaChange {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.changes) == 0 {
		return ReplicaChange{}
	}
	return w.changes[len(w.changes)-1]
}

// Since gives the changes times since `begin`; what was before holds at 0.
func (w *ReplicaWatch) Since(begin time.Time) []ReplicaSample {
	w.mu.Lock()
	defer w.mu.Unlock()
	var samples []ReplicaSample
	for _, c := range w.changes {
		sample := ReplicaSample{max(0, c.Seen.Sub(begin)), c.Wanted, c.Ready}
		if n := len(samples); n > 0 && sample.At == 0 {
			samples = samples[:n-1]
		}
		samples = append(samples, sample)
	}
	return samples
}

// FollowController calls onLine for each line of the controller's log from now until ctx ends.
func FollowController(ctx context.Context, env *Environment, onLine func(string)) error {
	if env.PodLog == nil {
		return env.Kubectl.Lines(ctx, onLine, "logs", "--follow", "--tail=0", "-n", ControllerNamespace, "deployment/"+ControllerName)
	}
	names, err := env.Kubectl.Run(ctx, nil, "get", "pods", "-n", ControllerNamespace,
		"-o", `jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}`)
	if err != nil {
		return err
	}
	var wait sync.WaitGroup
	pods := strings.Fields(names)
	errs := make([]error, len(pods))
	for i, name := range pods {
		wait.Go(func() { errs[i] = followFile(ctx, env.PodLog(ControllerNamespace, name), onLine) })
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
		case !Pause(ctx, 100*time.Millisecond):
			return nil
		}
	}
}

// Pause is false where ctx ended first.
func Pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
