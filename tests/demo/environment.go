package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"evenkeel.dev/tests/cluster"
)

// environment is the cluster that the demo runs on: one of its own, or the one that KUBECONFIG names.
type environment struct {
	kubectl       kubectl
	prometheusURL string
	// podLog is the file with a pod's output where pods are local processes; nil where kubectl logs works.
	podLog func(namespace, pod string) string
	shared bool // not ours to end: what was installed is to be removed
	close  func()
}

// openEnvironment starts a local cluster unless KUBECONFIG is given. A given one may be a local cluster
// too: `eval "$(tests/cluster/up)"` sets the variables by which it is known.
func openEnvironment(ctx context.Context, prometheusURL string, progress io.Writer) (*environment, error) {
	if kubeconfig := os.Getenv("KUBECONFIG"); kubeconfig != "" {
		return givenEnvironment(kubeconfig, prometheusURL)
	}
	c, err := cluster.Start(ctx, cluster.Options{Log: progress})
	if err != nil {
		return nil, fmt.Errorf("starting the local cluster: %w", err)
	}
	return &environment{
		kubectl:       kubectl{program: kubectlIn(c.Assets), kubeconfig: c.Kubeconfig},
		prometheusURL: c.PrometheusURL,
		podLog:        func(namespace, pod string) string { return filepath.Join(c.PodDir(namespace, pod), "log") },
		close:         c.Stop,
	}, nil
}

func givenEnvironment(kubeconfig, prometheusURL string) (*environment, error) {
	e := &environment{
		kubectl:       kubectl{program: kubectlIn(os.Getenv("KUBEBUILDER_ASSETS")), kubeconfig: kubeconfig},
		prometheusURL: cmp.Or(prometheusURL, os.Getenv("PROMETHEUS_URL")),
		shared:        true,
		close:         func() {},
	}
	if e.prometheusURL == "" {
		return nil, errors.New("KUBECONFIG is given: give --prometheus-url or PROMETHEUS_URL too, " +
			"the Prometheus of that cluster as both its pods and this machine reach it")
	}
	if dir := os.Getenv("EVENKEEL_CLUSTER_DIR"); dir != "" {
		e.podLog = func(namespace, pod string) string {
			return filepath.Join(dir, "pods", namespace+"_"+pod, "log")
		}
	}
	return e, nil
}

// kubectlIn prefers the kubectl that belongs to the control plane over that of PATH.
func kubectlIn(assets string) string {
	if program := filepath.Join(assets, "kubectl"); assets != "" {
		if _, err := os.Stat(program); err == nil {
			return program
		}
	}
	return "kubectl"
}
