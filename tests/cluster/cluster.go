// Package cluster runs a Kubernetes cluster on one machine, without containers and without root.
//
// Start brings up etcd, kube-apiserver, kube-controller-manager, Prometheus, caddy as the ingress, and a
// node agent that runs pods as processes (package agent): the real programs, each a child of the calling
// process, on free ports of 127.0.0.1. Many clusters can run side by side. All of it ends with Stop,
// and also when the calling process dies.
//
// Programs that are missing are built from tests/go.mod or fetched from Debian once, into
// ${XDG_CACHE_HOME:-~/.cache}/evenkeel; KUBEBUILDER_ASSETS, where set, is used instead of building.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"evenkeel.dev/tests/cluster/agent"
)

// Options of Start; the zero value is a good one.
type Options struct {
	// Dir holds everything of the cluster; it must be empty, absent, or the directory of an ended cluster,
	// which is then cleared. Default: a new temporary directory, which Stop removes.
	Dir string
	// ScrapeInterval of Prometheus, at least one second. Default: 5s.
	ScrapeInterval time.Duration
	// Images maps image names, without registry and tag, to commands; added to evenkeel,
	// evenkeel-sample-service and evenkeel-sample-database.
	Images map[string][]string
	// Log gets progress, and the end of a component's own log when it fails. Default: discarded.
	Log io.Writer
}

// Cluster is a running cluster. Its methods may be called from any goroutine.
type Cluster struct {
	Dir           string
	Kubeconfig    string // file, of a cluster administrator
	Assets        string // directory with kube-apiserver, etcd, kube-controller-manager and kubectl
	PrometheusURL string

	options    Options
	programs   programs
	temporary  bool
	unlock     func()
	pki        *pki
	tlsClient  *http.Client
	components map[string]*Component
	proxy      *agent.Proxy
	agent      *agent.Agent
	stop       sync.Once
}

// Start returns when everything is ready, within some seconds unless something must be built first. On error
// nothing is left running, and the directory is kept for its logs.
func Start(ctx context.Context, options Options) (*Cluster, error) {
	if options.ScrapeInterval == 0 {
		options.ScrapeInterval = 5 * time.Second
	}
	if options.ScrapeInterval < time.Second {
		return nil, fmt.Errorf("ScrapeInterval is %s; it must be at least 1s", options.ScrapeInterval)
	}
	if options.Log == nil {
		options.Log = io.Discard
	}
	programs, err := findPrograms(ctx, options.Log)
	if err != nil {
		return nil, err
	}
	c := &Cluster{Assets: programs.controlPlane, options: options, programs: programs, components: map[string]*Component{}}
	if err := c.makeDirectories(); err != nil {
		return nil, err
	}
	if err := c.startAll(ctx); err != nil {
		c.temporary = false
		c.Stop()
		return nil, fmt.Errorf("starting the local cluster in %s: %w", c.Dir, err)
	}
	return c, nil
}

// Stop ends everything: pods gracefully for at most three seconds, then the servers.
func (c *Cluster) Stop() {
	c.stop.Do(func() {
		if c.agent != nil {
			c.agent.Stop()
		}
		order := [][]string{{"kube-controller-manager", "prometheus", "caddy"}, {"kube-apiserver"}, {"etcd"}}
		for _, names := range order {
			var group sync.WaitGroup
			for _, name := range names {
				group.Go(func() { _ = c.components[name].Stop(context.Background()) })
			}
			group.Wait()
		}
		c.proxy.Close()
		if c.temporary {
			_ = os.RemoveAll(c.Dir)
		}
		c.unlock()
	})
}

// Component returns etcd, kube-apiserver, kube-controller-manager, prometheus or caddy.
func (c *Cluster) Component(name string) (*Component, error) {
	if component, ok := c.components[name]; ok {
		return component, nil
	}
	return nil, fmt.Errorf("there is no component %q; there are %s", name,
		strings.Join(slices.Sorted(maps.Keys(c.components)), ", "))
}

// PodDir is the pod's directory: pid, log and serviceaccount/{token,ca.crt,namespace}.
func (c *Cluster) PodDir(namespace, name string) string { return c.path("pods", namespace+"_"+name) }

// Client is an administrator's client, not limited in rate.
func (c *Cluster) Client() (*kubernetes.Clientset, error) {
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", c.Kubeconfig, err)
	}
	config.QPS = -1
	return kubernetes.NewForConfig(config)
}

// RotateServiceAccountKey makes every service account token issued so far invalid, as a rotation of the
// cluster's signing key does at its end: it restarts the API server and the controller manager with a new
// key, and gives all pods new tokens.
func (c *Cluster) RotateServiceAccountKey(ctx context.Context) error {
	if err := c.pki.newServiceAccountKey(); err != nil {
		return err
	}
	for _, name := range []string{"kube-apiserver", "kube-controller-manager"} {
		component := c.components[name]
		if err := errors.Join(component.Stop(ctx), component.Start(ctx)); err != nil {
			return err
		}
	}
	return c.agent.RefreshTokens(ctx)
}

func (c *Cluster) path(elements ...string) string {
	return filepath.Join(append([]string{c.Dir}, elements...)...)
}

func (c *Cluster) makeDirectories() error {
	var err error
	if c.Dir, c.temporary, err = claimDir(c.options.Dir); err != nil {
		return err
	}
	if c.unlock, err = lockDir(c.Dir); err != nil {
		return err
	}
	for _, name := range []string{"logs", "pods", "caddy", "prometheus/targets"} {
		if err := os.MkdirAll(c.path(name), 0o700); err != nil {
			return fmt.Errorf("making the cluster's directory: %w", err)
		}
	}
	c.Kubeconfig = c.path("kubeconfig")
	if c.proxy, err = agent.NewProxy(c.path("caddy", "caddy.json")); err != nil {
		return err
	}
	if err := os.WriteFile(c.path("audit-policy.yaml"), []byte(auditPolicy), 0o600); err != nil {
		return fmt.Errorf("writing the audit policy: %w", err)
	}
	if c.pki, err = newPKI(c.path("pki")); err != nil {
		return err
	}
	c.tlsClient, err = newTLSClient(c.pki.path("ca.crt"))
	return err
}

// startAll starts the components, those that do not need each other at the same time, and then the agent.
func (c *Cluster) startAll(ctx context.Context) error {
	recipes := map[string]recipe{
		"etcd": c.etcd(), "kube-apiserver": c.apiserver(), "kube-controller-manager": c.controllerManager(),
		"prometheus": c.prometheus(), "caddy": c.caddy(),
	}
	for name, recipe := range recipes {
		c.components[name] = &Component{name: name, logFile: c.path("logs", name+".log"), log: c.options.Log, recipe: recipe}
	}
	failures := make(chan error, 2)
	go func() { failures <- c.startInOrder(ctx, "etcd", "kube-apiserver", "kube-controller-manager") }()
	go func() { failures <- c.startInOrder(ctx, "caddy", "prometheus") }()
	if err := errors.Join(<-failures, <-failures); err != nil {
		return err
	}
	c.PrometheusURL = loopback("http", c.components["prometheus"].ports[0])
	return c.startAgent(ctx)
}

func (c *Cluster) startInOrder(ctx context.Context, names ...string) error {
	for _, name := range names {
		begun := time.Now()
		if err := c.components[name].Start(ctx); err != nil {
			return err
		}
		fmt.Fprintf(c.options.Log, "%s is ready after %.1f s\n", name, time.Since(begun).Seconds())
	}
	return nil
}

func (c *Cluster) startAgent(ctx context.Context) error {
	client, err := c.Client()
	if err != nil {
		return err
	}
	c.agent, err = agent.Start(ctx, agent.Config{
		Client: client, APIServerPort: c.components["kube-apiserver"].ports[0], CAFile: c.pki.path("ca.crt"),
		PodsDir: c.path("pods"), TargetsFile: c.path("prometheus", "targets", "pods.json"),
		Images: c.images(), Proxy: c.proxy, Log: c.options.Log,
	})
	if err != nil {
		return err
	}
	return awaitServiceAccount(ctx, client)
}

// awaitServiceAccount waits for the first sign that pods can be created: default/default exists.
func awaitServiceAccount(ctx context.Context, client kubernetes.Interface) error {
	ctx, cancel := context.WithTimeout(ctx, startDeadline)
	defer cancel()
	for {
		_, err := client.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{})
		if err == nil {
			return nil
		}
		if !apierrors.IsNotFound(err) && ctx.Err() == nil {
			return fmt.Errorf("waiting for service account default/default: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for service account default/default: %w", ctx.Err())
		case <-time.After(probeEvery):
		}
	}
}

// images are the commands of this repository's images, and those of the options.
func (c *Cluster) images() map[string][]string {
	binary := os.Getenv("EVENKEEL_BINARY")
	if binary == "" {
		binary = filepath.Join(root(), "build", "release", "evenkeel")
	}
	service := filepath.Join(root(), "tests", "service")
	images := map[string][]string{
		"evenkeel":                 {binary},
		"evenkeel-sample-service":  {"node", filepath.Join(service, "server.js")},
		"evenkeel-sample-database": {"node", filepath.Join(service, "database.js")},
	}
	maps.Copy(images, c.options.Images)
	return images
}
