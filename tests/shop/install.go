package shop

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
	ControllerNamespace = "evenkeel-system"
	ControllerName      = "evenkeel-controller"
	Namespace           = "shop"
	ServiceName         = "checkout" // the Deployment, its Service and the policy
	crdName             = "scalingpolicies.evenkeel.dev"
	// What the overlay has in the place of the address of Prometheus.
	prometheusPlaceholder = "http://prometheus.invalid"
	readyDeadline         = 60 * time.Second
	removeDeadline        = 60 * time.Second
)

// Installation is what was put into the cluster.
type Installation struct {
	Kubectl   Kubectl
	manifests string
}

// Install applies the overlay and waits until all of it is ready. It returns an installation to remove
// also where it failed on the way; nil where nothing was applied.
func Install(ctx context.Context, env *Environment, overlay string) (*Installation, error) {
	if err := refuseToOverwrite(ctx, env.Kubectl); err != nil {
		return nil, err
	}
	rendered, err := env.Kubectl.Run(ctx, nil, "kustomize", overlay)
	if err != nil {
		return nil, err
	}
	i := &Installation{env.Kubectl, strings.ReplaceAll(rendered, prometheusPlaceholder, env.PrometheusURL)}
	if _, err := i.Kubectl.Run(ctx, strings.NewReader(i.manifests), "apply", "-f", "-"); err != nil {
		return i, err
	}
	return i, i.waitUntilReady(ctx)
}

// refuseToOverwrite protects an Evenkeel that somebody uses: what is installed here is deleted at the end,
// and with the CRD all policies.
func refuseToOverwrite(ctx context.Context, k Kubectl) error {
	found, err := k.Run(ctx, nil, "get", "--ignore-not-found", "-o", "name",
		"namespace/"+ControllerNamespace, "namespace/"+Namespace, "customresourcedefinition/"+crdName)
	if err != nil {
		return err
	}
	if found != "" {
		return fmt.Errorf("the cluster already has %s, which would be overwritten and then deleted",
			strings.Join(strings.Fields(found), ", "))
	}
	return nil
}

func (i *Installation) waitUntilReady(ctx context.Context) error {
	timeout := "--timeout=" + readyDeadline.String()
	waits := [][]string{
		{"wait", "--for=condition=Established", timeout, "customresourcedefinition/" + crdName},
		{"rollout", "status", timeout, "-n", ControllerNamespace, "deployment/" + ControllerName},
		{"rollout", "status", timeout, "-n", Namespace, "deployment/database"},
		{"rollout", "status", timeout, "-n", Namespace, "deployment/" + ServiceName},
	}
	for _, args := range waits {
		if _, err := i.Kubectl.Run(ctx, nil, args...); err != nil {
			return err
		}
	}
	return nil
}

// ApplyPolicy applies a policy named ServiceName, waits until the controller has taken it, and returns what it promises.
func (i *Installation) ApplyPolicy(ctx context.Context, file string) (string, error) {
	if _, err := i.Kubectl.Run(ctx, nil, "apply", "-f", file); err != nil {
		return "", err
	}
	policy := "scalingpolicy/" + ServiceName
	_, err := i.Kubectl.Run(ctx, nil, "wait", "--for=condition=Ready", "--timeout="+readyDeadline.String(), "-n", Namespace, policy)
	if err != nil {
		return "", err
	}
	return i.Kubectl.Run(ctx, nil, "get", policy, "-n", Namespace, "-o", "json")
}

// ErrLeftBehind is Remove's error.
var ErrLeftBehind = errors.New("not all that was installed is removed")

// Remove deletes all that was installed.
func (i *Installation) Remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, removeDeadline)
	defer cancel()
	if _, err := i.Kubectl.Run(ctx, strings.NewReader(i.manifests), "delete", "--ignore-not-found", "-f", "-"); err != nil {
		return fmt.Errorf("%w: %w", ErrLeftBehind, err)
	}
	return nil
}

// ServiceURL waits for the address of the load balancer of a namespace's service.
func (i *Installation) ServiceURL(ctx context.Context, namespace, path string) (string, error) {
	address := ""
	err := Eventually(ctx, "an address for service "+ServiceName, readyDeadline, func(ctx context.Context) (bool, error) {
		stored, err := i.Kubectl.Run(ctx, nil, "get", "service", ServiceName, "-n", namespace, "-o", "json")
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
		return "", fmt.Errorf("reading service %s: %w", ServiceName, err)
	}
	ingress := parsed.Status.LoadBalancer.Ingress
	if len(ingress) == 0 {
		return "", nil
	}
	ports := append(ingress[0].Ports, parsed.Spec.Ports...)
	if len(ports) == 0 {
		return "", fmt.Errorf("service %s has no port", ServiceName)
	}
	host := ingress[0].IP + ingress[0].Hostname
	return net.JoinHostPort(host, strconv.Itoa(ports[0].Port)), nil
}
