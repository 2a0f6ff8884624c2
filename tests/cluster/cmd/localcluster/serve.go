package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"evenkeel.dev/tests/cluster"
)

// stateName is the file, readable by its owner only, by which down and component find a serving process.
const stateName = "supervisor.json"

type state struct {
	Pid       int    `json:"pid"`
	Address   string `json:"address"`
	Token     string `json:"token"`
	Temporary bool   `json:"temporary"` // down removes the directory
}

// serve runs one cluster in the foreground until a signal, a request to end, or the end of its owner.
func serve(ctx context.Context, args arguments) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	if args.owner != 0 {
		if err := endWith(args.owner, end); err != nil {
			return err
		}
	}
	c, err := cluster.Start(ctx, cluster.Options{
		Dir: args.dir, ScrapeInterval: args.interval, Images: args.images, Log: os.Stderr})
	if err != nil {
		return err
	}
	defer c.Stop()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("opening the control port: %w", err)
	}
	s := state{Pid: os.Getpid(), Address: listener.Addr().String(), Token: rand.Text(), Temporary: args.temporary}
	server := &http.Server{Handler: control(c, s.Token), ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.Dir, stateName), text, 0o600); err != nil {
		return fmt.Errorf("writing how to reach this process: %w", err)
	}
	announce(c)
	<-ctx.Done()
	return nil
}

// announce prints the cluster's environment, for eval.
func announce(c *cluster.Cluster) {
	for _, pair := range [][2]string{
		{"EVENKEEL_CLUSTER_DIR", c.Dir}, {"KUBECONFIG", c.Kubeconfig},
		{"KUBEBUILDER_ASSETS", c.Assets}, {"PROMETHEUS_URL", c.PrometheusURL},
	} {
		fmt.Printf("export %s=%s\n", pair[0], quote(pair[1]))
	}
	os.Stdout.Close() // up reads until here
}

// endWith calls end when the process is gone.
func endWith(pid int, end func()) error {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return fmt.Errorf("--owner %d: %w", pid, err)
	}
	go func() {
		defer end()
		for {
			_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
			if !errors.Is(err, unix.EINTR) {
				return
			}
		}
	}()
	return nil
}

// control answers requests to disturb the cluster: POST /<action>/<name>.
func control(c *cluster.Cluster, token string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{action}/{name}", func(w http.ResponseWriter, request *http.Request) {
		given := []byte(request.Header.Get("Authorization"))
		if subtle.ConstantTimeCompare(given, []byte("Bearer "+token)) != 1 {
			http.Error(w, "wrong token", http.StatusUnauthorized)
			return
		}
		if err := disturb(request.Context(), c, request.PathValue("action"), request.PathValue("name")); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	return mux
}

func disturb(ctx context.Context, c *cluster.Cluster, action, name string) error {
	if action == "rotate" && name == "service-account-key" {
		return c.RotateServiceAccountKey(ctx)
	}
	target, err := c.Component(name)
	if err != nil {
		return err
	}
	actions := map[string]func(context.Context) error{
		"stop": target.Stop, "start": target.Start, "pause": target.Pause, "resume": target.Resume}
	act, ok := actions[action]
	if !ok {
		return fmt.Errorf("unknown action %q; there are stop, start, pause and resume", action)
	}
	return act(ctx)
}

// ask has the process that serves the cluster in dir do something.
func ask(ctx context.Context, dir, action, name string) error {
	s, err := readState(dir)
	if err != nil {
		return err
	}
	url := fmt.Sprintf("http://%s/%s/%s", s.Address, action, name)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.Token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the cluster in %s: %w", dir, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(response.Body, 1<<16))
		return fmt.Errorf("%s %s: %s", action, name, body)
	}
	return nil
}

func readState(dir string) (state, error) {
	var s state
	text, err := os.ReadFile(filepath.Join(dir, stateName))
	if err != nil {
		return s, fmt.Errorf("finding the cluster in %s: %w", dir, err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("reading %s: %w", filepath.Join(dir, stateName), err)
	}
	return s, nil
}
