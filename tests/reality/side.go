package main

import (
	"context"
	"strings"

	"evenkeel.dev/tests/shop"
)

// rivalNamespace is where the HPA has its copy of the shop (overlay/contest). Evenkeel's is in shop.Namespace.
const rivalNamespace = "shop-hpa"

// The autoscalers, in reports and pictures.
const (
	evenkeel = "Evenkeel"
	rival    = "HPA"
)

// side is a copy of the service, with an autoscaler, a database and a load of its own.
type side struct {
	autoscaler string
	namespace  string
	paths      sidePaths
	replicas   shop.ReplicaWatch
	service    string // URL, without a path
	database   string // URL
	load       *shop.Load
	ended      <-chan struct{} // the load
}

// sidesOf are Evenkeel's and, in a contest, that of the HPA.
func sidesOf(p runPaths, contest bool) []*side {
	sides := []*side{{autoscaler: evenkeel, namespace: shop.Namespace, paths: p.evenkeel}}
	if contest {
		sides = append(sides, &side{autoscaler: rival, namespace: rivalNamespace, paths: p.rival})
	}
	return sides
}

// podsOf are the names of a Deployment's pods, the oldest first.
func (s *side) podsOf(ctx context.Context, k shop.Kubectl, deployment string) ([]string, error) {
	return podsWith(ctx, k, s.namespace, "app.kubernetes.io/name="+deployment)
}

func podsWith(ctx context.Context, k shop.Kubectl, namespace, selector string) ([]string, error) {
	names, err := k.Run(ctx, nil, "get", "pods", "-n", namespace, "-l", selector,
		"--sort-by=.metadata.creationTimestamp", "-o", `jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}`)
	return strings.Fields(names), err
}
