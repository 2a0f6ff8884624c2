// Package e2e tests Evenkeel from end to end: the controller as deploy/ installs it, in a pod with its own service
// account, on a real control plane, with a real Prometheus and a Node.js service under load.
//
// The tests share one cluster and one controller, and run one after the other: several break a part that all need.
// The controller is that of EVENKEEL_BINARY, or build/release/evenkeel.
package e2e

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"evenkeel.dev/tests/cluster"
)

const (
	root    = "../.." // of the repository
	account = "system:serviceaccount:" + home + ":evenkeel"
	home    = "evenkeel-system"
	hold    = 10 * time.Second      // of what others set
	pace    = 50 * time.Millisecond // between two looks at what is awaited
)

var (
	policies = schema.GroupVersionResource{Group: "evenkeel.dev", Version: "v1alpha1", Resource: "scalingpolicies"}
	local    *cluster.Cluster
	client   *kubernetes.Clientset
	objects  *dynamic.DynamicClient
	binary   string
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := runInstalled(m)
	if err != nil {
		log.Print(err)
		code = 1
	}
	os.Exit(code)
}

func runInstalled(m *testing.M) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute) // the first start builds
	defer cancel()
	var err error
	if binary, err = findBinary(); err != nil {
		return 1, err
	}
	local, err = cluster.Start(ctx, cluster.Options{
		ScrapeInterval: time.Second, Images: map[string][]string{"evenkeel": {binary}}, Log: os.Stderr,
	})
	if err != nil {
		return 1, err
	}
	defer local.Stop()
	if err := makeClients(); err != nil {
		return 1, err
	}
	if err := install(ctx); err != nil {
		return 1, fmt.Errorf("installing the controller: %w", err)
	}
	return m.Run(), nil
}

func findBinary() (string, error) {
	path := os.Getenv("EVENKEEL_BINARY")
	if path == "" {
		path = filepath.Join(root, "build", "release", "evenkeel")
	}
	path, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		return "", fmt.Errorf("no controller to test: %w; run make, or name one in EVENKEEL_BINARY", err)
	}
	return path, nil
}

func makeClients() error {
	config, err := clientcmd.BuildConfigFromFlags("", local.Kubeconfig)
	if err != nil {
		return fmt.Errorf("reading %s: %w", local.Kubeconfig, err)
	}
	config.QPS = -1
	config.Timeout = 10 * time.Second // a paused API server must not hold a test
	if client, err = kubernetes.NewForConfig(config); err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	if objects, err = dynamic.NewForConfig(config); err != nil {
		return fmt.Errorf("making a dynamic client: %w", err)
	}
	return nil
}

// install applies deploy/local without its shop, tuned for tests: rounds every two seconds, a short hold, and a log of
// every decision, also of those that change nothing.
func install(ctx context.Context) error {
	text, err := kubectl(ctx, "kustomize", root+"/deploy/local")
	if err != nil {
		return err
	}
	var kept []string
	for document := range strings.SplitSeq(text, "\n---\n") {
		if !strings.Contains(document, "namespace: shop") && !strings.Contains(document, "\n  name: shop") {
			kept = append(kept, document)
		}
	}
	text = strings.NewReplacer("http://prometheus.invalid", local.PrometheusURL,
		"- --sync-period=5s", fmt.Sprintf("- --sync-period=2s\n        - --log-level=debug\n        - --foreign-change-hold=%s", hold)).Replace(strings.Join(kept, "\n---\n"))
	manifest := filepath.Join(local.Dir, "evenkeel.yaml")
	if err := os.WriteFile(manifest, []byte(text), 0o600); err != nil {
		return err
	}
	if _, err := kubectl(ctx, "apply", "-f", manifest); err != nil {
		return err
	}
	if _, err := kubectl(ctx, "wait", "--for=condition=Established", "--timeout=30s", "crd/"+policies.GroupResource().String()); err != nil {
		return err
	}
	if _, err = kubectl(ctx, "-n", home, "rollout", "status", "deployment/evenkeel-controller", "--timeout=60s"); err != nil {
		return fmt.Errorf("%w; its log:\n%s", err, controller.log())
	}
	_, err = controller.pod(ctx)
	return err
}

// kubectl returns standard output; the error has what kubectl said.
func kubectl(ctx context.Context, args ...string) (string, error) {
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, filepath.Join(local.Assets, "kubectl"), args...)
	// A cache of its own: kubectl's usual one goes by address, and another cluster may have had this one.
	cmd.Env = append(os.Environ(), "KUBECONFIG="+local.Kubeconfig, "KUBECACHEDIR="+filepath.Join(local.Dir, "kubectl-cache"))
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, said.String())
	}
	return out.String(), nil
}

// poll asks until the condition holds, at most for patience; the error is the condition's last.
func poll(ctx context.Context, patience time.Duration, condition func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := condition()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not within %s: %w", patience, err)
		case <-time.After(pace):
		}
	}
}

// await is poll for tests.
func await(t *testing.T, what string, patience time.Duration, condition func() error) {
	t.Helper()
	if err := poll(t.Context(), patience, condition); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var errNone = errors.New("none yet")
