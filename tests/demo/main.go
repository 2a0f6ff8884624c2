// The demo: what `make demo` runs after the build.
//
// It starts the local cluster (or takes the one that KUBECONFIG names), installs Evenkeel and a sample
// shop, applies the example policy, sends a load with a spike, prints the controller's decisions as they
// happen, and ends with a summary, a picture and the raw data. Exit code 0 only where the service went up
// from its minimum in the spike, P99 came back under its objective, and the replicas came back too.
// Everything is cleaned up, also after a failure or Ctrl-C.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"evenkeel.dev/tests/shop"
)

type options struct {
	out, overlay, policy, path, prometheusURL string
	low, high                                 float64
	warmUp, spike, settle                     time.Duration
}

func parseOptions(root string, args []string) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.StringVar(&o.out, "out", filepath.Join(root, "build", "demo"), "`directory` for the picture, the data and the controller's log")
	flags.StringVar(&o.overlay, "overlay", filepath.Join(root, "deploy", "local"),
		"kustomize `directory` that installs Evenkeel and the shop; give another one for a cluster that is not local")
	flags.StringVar(&o.policy, "policy", filepath.Join(root, "deploy", "local", "policy.yaml"), "`file` with the ScalingPolicy checkout")
	flags.StringVar(&o.prometheusURL, "prometheus-url", "", "`URL` of Prometheus where KUBECONFIG is given (default $PROMETHEUS_URL)")
	flags.StringVar(&o.path, "path", "/work?ms=10", "`path` that the load asks for")
	flags.Float64Var(&o.low, "low", 60, "requests per second before and after the spike")
	flags.Float64Var(&o.high, "high", 350, "requests per second in the spike")
	flags.DurationVar(&o.warmUp, "warm-up", 40*time.Second, "time before the spike")
	flags.DurationVar(&o.spike, "spike", 110*time.Second, "length of the spike")
	flags.DurationVar(&o.settle, "settle", 150*time.Second, "longest wait after the spike for the replicas to come back")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	return o, o.check(flags.Args())
}

func (o options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q", rest[0])
	case o.low <= 0 || o.high <= o.low:
		return fmt.Errorf("--low %g, --high %g: rates are above 0 and --high is above --low", o.low, o.high)
	case o.warmUp < shop.P99Window || o.spike < shop.P99Window || o.settle < shop.P99Window:
		return fmt.Errorf("--warm-up, --spike and --settle are at least %s", shop.P99Window)
	}
	return nil
}

func main() {
	root, err := repositoryRoot()
	if err != nil {
		fail(err, 2)
	}
	o, err := parseOptions(root, os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fail(err, 2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the demo at once
	if err := demo(ctx, o); err != nil {
		if ctx.Err() != nil && !errors.Is(err, shop.ErrLeftBehind) {
			err = errors.New("interrupted; everything is cleaned up")
		}
		fail(err, 1)
	}
}

func fail(err error, code int) {
	fmt.Fprintln(os.Stderr, "demo:", err)
	os.Exit(code)
}

// repositoryRoot is the directory above that holds this module.
func repositoryRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "deploy", "local", "kustomization.yaml")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("finding the repository: run the demo inside of it")
		}
	}
}
