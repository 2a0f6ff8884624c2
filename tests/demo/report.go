package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"evenkeel.dev/tests/shop"
)

// report shows what the run came to and leaves the picture and the data, also of a run that fell short.
func report(ctx context.Context, r *run, t *timeline) error {
	var err error
	t.lag, t.elu, err = queryPods(ctx, r.env.PrometheusURL, t.begin, t.begin.Add(t.end))
	if err != nil {
		return err
	}
	if err := errors.Join(
		writePicture(filepath.Join(r.options.out, "demo.png"), t),
		writeSeconds(filepath.Join(r.options.out, "demo.csv"), t),
		shop.WriteRequests(filepath.Join(r.options.out, "requests.csv"), t.requests),
	); err != nil {
		return err
	}
	if policies, err := r.env.Kubectl.Run(ctx, nil, "get", "scalingpolicies", "-n", shop.Namespace); err == nil {
		fmt.Fprintf(r.screen.out, "\n$ kubectl get scalingpolicies -n %s\n%s", shop.Namespace, policies)
	}
	outcome := summarize(t)
	fmt.Fprintln(r.screen.out)
	if err := outcome.print(r.screen.out); err != nil {
		return err
	}
	fmt.Fprintf(r.screen.out, "  in %s: demo.png (look at it), demo.csv, requests.csv, controller.log\n", r.options.out)
	return outcome.verdict()
}
