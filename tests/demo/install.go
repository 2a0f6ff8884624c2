package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

const (
	controllerNamespace = "evenkeel-system"
	controllerName      = "evenkeel-controller"
	shopNamespace       = "shop"
	serviceName         = "checkout" // the Deployment, its Service and the policy
	crdName             = "scalingpolicies.evenkeel.dev"
	// What the overlay has in the place of the address of Prometheus.
	prometheusPlaceholder = "http://prometheus.invalid"
	readyDeadline         = 60 * time.Second
	removeDeadline        = 60 * time.Second
)

// installation is what the demo put into the cluster.
type installation struct {
	kubectl   kubectl
	manifests string
}

// install applies the overlay and waits until all of it is ready. It returns an installation to remove
// also where it failed on the way; nil where nothing was applied.
func install(ctx context.Context, env *environment, overlay string) (*installation, error) {
	if err := refuseToOverwrite(ctx, env.kubectl); err != nil {
		return nil, err
	}
	rendered, err := env.kubectl.run(ctx, nil, "kustomize", overlay)
	if err != nil {
		return nil, err
	}
	i := &installation{env.kubectl, strings.ReplaceAll(rendered, prometheusPlaceholder, env.prometheusURL)}
	if _, err := i.kubectl.run(ctx, strings.NewReader(i.manifests), "apply", "-f", "-"); err != nil {
		return i, err
	}
	return i, i.waitUntilReady(ctx)
}

// refuseToOverwrite protects an Evenkeel that somebody uses: at its end the demo deletes what it applied,
// and with the CRD all policies.
func refuseToOverwrite(ctx context.Context, k kubectl) error {
	found, err := k.run(ctx, nil, "get", "--ignore-not-found", "-o", "name",
		"namespace/"+controllerNamespace, "namespace/"+shopNamespace, "customresourcedefinition/"+crdName)
	if err != nil {
		return err
	}
	if found != "" {
		return fmt.Errorf("the cluster already has %s, which the demo would overwrite and then delete",
			strings.Join(strings.Fields(found), ", "))
	}
	return nil
}

func (i *installation) waitUntilReady(ctx context.Context) error {
	timeout := "--timeout=" + readyDeadline.String()
	waits := [][]string{
		{"wait", "--for=condition=Established", timeout, "customresourcedefinition/" + crdName},
		{"rollout", "status", timeout, "-n", controllerNamespace, "deployment/" + controllerName},
		{"rollout", "status", timeout, "-n", shopNamespace, "deployment/database"},
		{"rollout", "status", timeout, "-n", shopNamespace, "deployment/" + serviceName},
	}
	for _, args := range waits {
		if _, err := i.kubectl.run(ctx, nil, args...); err != nil {
			return err
		}
	}
	return nil
}

// applyPolicy applies the example policy, waits until the controller has taken it, and returns what it promises.
func (i *installation) applyPolicy(ctx context.Context, file string) (goals, error) {
	if _, err := i.kubectl.run(ctx, nil, "apply", "-f", file); err != nil {
		return goals{}, err
	}
	policy := "scalingpolicy/" + serviceName
	_, err := i.kubectl.run(ctx, nil, "wait", "--for=condition=Ready", "--timeout="+readyDeadline.String(), "-n", shopNamespace, policy)
	if err != nil {
		return goals{}, err
	}
	stored, err := i.kubectl.run(ctx, nil, "get", policy, "-n", shopNamespace, "-o", "json")
	if err != nil {
		return goals{}, err
	}
	return parseGoals(stored)
}

func parseGoals(policy string) (goals, error) {
	var parsed struct {
		Spec struct {
			MinReplicas int
			Objectives  struct{ LatencyP99, EventLoopLagP99 string }
		}
	}
	if err := json.Unmarshal([]byte(policy), &parsed); err != nil {
		return goals{}, fmt.Errorf("reading the policy: %w", err)
	}
	latency, err1 := time.ParseDuration(parsed.Spec.Objectives.LatencyP99)
	lag, err2 := time.ParseDuration(parsed.Spec.Objectives.EventLoopLagP99)
	if err := errors.Join(err1, err2); err != nil {
		return goals{}, fmt.Errorf("the demo's policy needs latencyP99 and eventLoopLagP99: %w", err)
	}
	return goals{latency, lag, parsed.Spec.MinReplicas}, nil
}

var errLeftBehind = errors.New("not all that was installed is removed")

// remove deletes all that was installed.
func (i *installation) remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, removeDeadline)
	defer cancel()
	if _, err := i.kubectl.run(ctx, strings.NewReader(i.manifests), "delete", "--ignore-not-found", "-f", "-"); err != nil {
		return fmt.Errorf("%w: %w", errLeftBehind, err)
	}
	return nil
}

// serviceURL waits for the address of the service's load balancer.
func (i *installation) serviceURL(ctx context.Context, path string) (string, error) {
	address := ""
	err := eventually(ctx, "an address for service "+serviceName, readyDeadline, func(ctx context.Context) (bool, error) {
		stored, err := i.kubectl.run(ctx, nil, "get", "service", serviceName, "-n", shopNamespace, "-o", "json")
		if err != nil {
			return false, err
		}
		address, err = parseAddress(strings.NewReader(stored))
		return address != "", err
	})
	return "http://" + address + path, err
}

// parseAddress is the host and port of a load balancer; empty while it has none. A balancer that tells
// ports of its own (status.loadBalancer.ingress[].ports) is reached there, others at the Service's port.
func parseAddress(service io.Reader) (string, error) {
	type port struct{ Port int }
	var parsed struct {
		Spec   struct{ Ports []port }
		Status struct {
			LoadBalancer struct {
				Ingress []struct {
					IP, Hostname string
					Ports        []port
				}
			}
		}
	}
	if err := json.NewDecoder(service).Decode(&parsed); err != nil {
		return "", fmt.Errorf("reading service %s: %w", serviceName, err)
	}
	ingress := parsed.Status.LoadBalancer.Ingress
	if len(ingress) == 0 {
		return "", nil
	}
	ports := append(ingress[0].Ports, parsed.Spec.Ports...)
	if len(ports) == 0 {
		return "", fmt.Errorf("service %s has no port", serviceName)
	}
	host := ingress[0].IP + ingress[0].Hostname
	return net.JoinHostPort(host, strconv.Itoa(ports[0].Port)), nil
}
