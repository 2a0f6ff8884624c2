package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"evenkeel.dev/tests/cluster"
	"evenkeel.dev/tests/cluster/proc"
)

// fleetServer is a Prometheus that has the samples of a fleet and scrapes nothing.
type fleetServer struct {
	url     string
	dir     string // temporary
	process *proc.Process
}

// serve returns when a Prometheus with the fleet answers.
func serve(ctx context.Context, f fleet, log io.Writer) (*fleetServer, error) {
	prometheus, err := cluster.Debian(ctx, "prometheus", log)
	if err != nil {
		return nil, err
	}
	store, err := f.store(ctx, prometheus, filepath.Join("build", "bench"), log)
	if err != nil {
		return nil, err
	}
	return serveStore(ctx, prometheus, store)
}

func serveStore(ctx context.Context, prometheus, store string) (*fleetServer, error) {
	dir, err := os.MkdirTemp("", "evenkeel-signals-")
	if err != nil {
		return nil, err
	}
	s := &fleetServer{dir: dir}
	if err := s.start(ctx, prometheus, store); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *fleetServer) start(ctx context.Context, prometheus, store string) error {
	port, err := proc.FreePort()
	if err != nil {
		return err
	}
	config := filepath.Join(s.dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte("global: {}\n"), 0o600); err != nil {
		return err
	}
	s.url = fmt.Sprintf("http://127.0.0.1:%d", port)
	cmd := exec.Command(prometheus, "--config.file="+config, "--storage.tsdb.path="+store, "--storage.tsdb.retention.time=100y",
		fmt.Sprintf("--web.listen-address=127.0.0.1:%d", port), "--log.level=error")
	cmd.Stderr = os.Stderr
	if s.process, err = proc.Start(cmd); err != nil {
		return err
	}
	return s.awaitReady(ctx)
}

func (s *fleetServer) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		response, err := http.Get(s.url + "/-/ready")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("Prometheus at %s is not ready: %w", s.url, ctx.Err())
		case <-s.process.Done():
			return fmt.Errorf("Prometheus has ended with code %d", s.process.ExitCode())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (s *fleetServer) stop() {
	if s.process != nil {
		s.process.Stop(context.Background(), 10*time.Second)
	}
	_ = os.RemoveAll(s.dir)
}
