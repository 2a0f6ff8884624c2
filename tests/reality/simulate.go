package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"evenkeel.dev/tests/shop"
)

// policyOf is the policy that `evenkeel simulate` has by default, with the scenario's bounds and objectives (which
// the simulator would take from there anyway) and the metrics of the local cluster.
func policyOf(s *scenario) any {
	type object = map[string]any
	return object{
		"apiVersion": "evenkeel.dev/v1alpha1", "kind": "ScalingPolicy",
		"metadata": object{"name": shop.ServiceName, "namespace": shop.Namespace},
		"spec": object{
			"targetRef":   object{"name": shop.ServiceName},
			"minReplicas": s.Replicas.Min, "maxReplicas": s.Replicas.Max,
			"metrics": object{
				"presets": object{"latency": "caddy", "runtime": "prom-client"},
				"window":  s.Metrics.Window.String(),
			},
			"objectives": object{"latencyP99": s.Objectives.LatencyP99.String(), "errorRate": s.Objectives.ErrorRate},
		},
	}
}

// rivalBaseline is the simulator's name of the HPA as rival.go feeds it.
const rivalBaseline = "hpa-elu"

// simulate runs the scenario with every seed; in a contest under both autoscalers.
func simulate(ctx context.Context, o options, file string, p paths) (ours, rivals []*episode, err error) {
	arguments := []string{"simulate", "--scenario", file, "--policy", p.policy, "--seeds", fmt.Sprintf("1-%d", o.seeds), "--timeline", p.simulated}
	if o.contest {
		arguments = append(arguments, "--baseline", rivalBaseline)
	}
	command := exec.CommandContext(ctx, filepath.Join("build", "release", "evenkeel"), arguments...)
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		return nil, nil, fmt.Errorf("simulating: %w", err)
	}
	all, err := readEpisodes(p.simulated)
	for _, e := range all {
		if e.Policy == rivalBaseline {
			rivals = append(rivals, e)
		} else {
			ours = append(ours, e)
		}
	}
	return ours, rivals, err
}
