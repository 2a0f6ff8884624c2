package main

import (
	"context"
	"fmt"
	"os"

	"evenkeel.dev/tests/reality/adapter"
	"evenkeel.dev/tests/shop"
)

// The rival is the HorizontalPodAutoscaler of the real kube-controller-manager, with its defaults: every 15 s, within
// a tolerance of 10 %, out by the larger of 4 pods and 100 % in 15 s, in by the largest proposal of 300 s. It is given
// the best single signal there is for an event loop, its utilization, as `hpa-elu` is in the simulator.
const (
	rivalMetric   = "nodejs_eventloop_utilization"
	rivalQuery    = `sum by (pod) (rate(nodejs_eventloop_active_seconds_total{%s}[1m]))`
	rivalTarget   = "600m" // of each pod, on average
	rivalObject   = "horizontalpodautoscaler/" + shop.ServiceName
	rivalDeadline = "--timeout=75s" // a window of its metric, and two rounds
)

func hpaOf(s *scenario) any {
	type object = map[string]any
	return object{
		"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
		"metadata": object{"name": shop.ServiceName, "namespace": rivalNamespace},
		"spec": object{
			"scaleTargetRef": object{"apiVersion": "apps/v1", "kind": "Deployment", "name": shop.ServiceName},
			"minReplicas":    s.Replicas.Min, "maxReplicas": s.Replicas.Max,
			"metrics": []object{{"type": "Pods", "pods": object{
				"metric": object{"name": rivalMetric},
				"target": object{"type": "AverageValue", "averageValue": rivalTarget},
			}}},
		},
	}
}

// serveMetrics starts the HPA's way to its metric, and waits until the API server has found it.
func (r *run) serveMetrics(ctx context.Context) (*adapter.Server, error) {
	server, err := adapter.Start(adapter.Config{
		PrometheusURL: r.env.PrometheusURL, Metric: rivalMetric, Query: rivalQuery,
		Pods: func(ctx context.Context, namespace, selector string) ([]string, error) {
			return podsWith(ctx, r.env.Kubectl, namespace, selector)
		},
	}, rivalNamespace)
	if err != nil {
		return nil, err
	}
	if _, err = r.env.Kubectl.Run(ctx, server.Manifests(), "apply", "-f", "-"); err == nil {
		_, err = r.env.Kubectl.Run(ctx, nil, "wait", "--for=condition=Available", rivalDeadline, "apiservice/"+adapter.APIService)
	}
	if err != nil {
		server.Close()
		return nil, fmt.Errorf("registering custom metrics: %w", err)
	}
	return server, nil
}

// awaitRival waits until the HPA has computed replicas from its metric: one without would be no rival.
func (r *run) awaitRival(ctx context.Context) error {
	_, err := r.env.Kubectl.Run(ctx, nil, "wait", "--for=condition=ScalingActive", rivalDeadline, "-n", rivalNamespace, rivalObject)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the HPA does not scale: %w", err)
	}
	if ctx.Err() == nil {
		say("%s: the HPA has its metric", r.scenario.Name)
	}
	return nil
}

// keepRival writes what the HPA says of itself, its events included.
func (r *run) keepRival(ctx context.Context) error {
	text, err := r.env.Kubectl.Run(ctx, nil, "describe", rivalObject, "-n", rivalNamespace)
	if err != nil {
		return err
	}
	return os.WriteFile(r.paths.rivalStatus, []byte(text), 0o644)
}
