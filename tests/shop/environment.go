package shop

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

// Environment is the cluster that a program runs on: one of its own, or the one that KUBECONFIG names.
type Environment struct {
	Kubectl       Kubectl
	PrometheusURL string
	// PodLog is the file with a pod's output where pods are local processes; nil where kubectl logs works.
	PodLog func(namespace, pod string) string
	Shared bool // not ours to end: what was installed is to be removed
	Close  func()
}

// OpenEnvironment starts a local cluster unless KUBECONFIG is given. A given one may be a local cluster
// too: `eval "$(tests/cluster/up)"` sets the variables by which it is known.
func OpenEnvironment(ctx context.Context, prometheusURL string, progress io.Writer) (*Environment, error) {
	if kubeconfig := os.Getenv("KUBECONFIG"); kubeconfig != "" {
		return givenEnvironment(kubeconfig, prometheusURL)
	}
	return StartEnvironment(ctx, cluster.Options{Log: progress})
}

// StartEnvironment starts a local cluster; Close ends it.
func StartEnvironment(ctx context.Context, options cluster.Options) (*Environment, error) {
	c, err := cluster.Start(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("starting the local cluster: %w", err)
	}
	return &Environment{
		Kubectl:       Kubectl{Program: kubectlIn(c.Assets), Kubeconfig: c.Kubeconfig},
		PrometheusURL: c.PrometheusURL,
		PodLog:        func(namespace, pod string) string { return filepath.Join(c.PodDir(namespace, pod), "log") },
		Close:         c.Stop,
	}, nil
}

func givenEnvironment(kubeconfig, prometheusURL string) (*Environment, error) {
	e := &Environment{
		Kubectl:       Kubectl{Program: kubectlIn(os.Getenv("KUBEBUILDER_ASSETS")), Kubeconfig: kubeconfig},
		PrometheusURL: cmp.Or(prometheusURL, os.Getenv("PROMETHEUS_URL")),
		Shared:        true,
		Close:         func() {},
	}
	if e.PrometheusURL == "" {
		return nil, errors.New("KUBECONFIG is given: give --prometheus-url or PROMETHEUS_URL too, " +
			"the Prometheus of that cluster as both its pods and this machine reach it")
	}
	if dir := os.Getenv("EVENKEEL_CLUSTER_DIR"); dir != "" {
		e.PodLog = func(namespace, pod string) string {
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
