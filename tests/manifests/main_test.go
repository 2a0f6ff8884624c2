// Package manifests tests crds/ and deploy/ against a real API server: what it admits, what it refuses and
// with which words, and what the installed controller may do.
package manifests

import (
	"bytes"
	"context"
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
	root      = "../.." // of the repository
	namespace = "evenkeel-system"
	install   = root + "/deploy/install.yaml"
)

var (
	policies = schema.GroupVersionResource{Group: "evenkeel.dev", Version: "v1alpha1", Resource: "scalingpolicies"}
	local    *cluster.Cluster
	client   *kubernetes.Clientset
	objects  *dynamic.DynamicClient
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

// runInstalled runs the tests with deploy/install.yaml applied. The controller's pod is a process that does
// nothing: its manifest is tested here, not the program.
func runInstalled(m *testing.M) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	var err error
	local, err = cluster.Start(ctx, cluster.Options{
		Images: map[string][]string{"evenkeel": {"sh", "-c", "exec sleep infinity"}}, Log: os.Stderr,
	})
	if err != nil {
		return 1, err
	}
	defer local.Stop()
	if err := makeClients(); err != nil {
		return 1, err
	}
	if out, err := kubectl(ctx, "apply", "-f", install); err != nil {
		return 1, fmt.Errorf("%w\n%s", err, out)
	}
	crd := "crd/" + policies.GroupResource().String()
	if out, err := kubectl(ctx, "wait", "--for=condition=Established", "--timeout=30s", crd); err != nil {
		return 1, fmt.Errorf("%w\n%s", err, out)
	}
	return m.Run(), nil
}

func makeClients() error {
	config, err := clientcmd.BuildConfigFromFlags("", local.Kubeconfig)
	if err != nil {
		return fmt.Errorf("reading %s: %w", local.Kubeconfig, err)
	}
	config.QPS = -1
	if client, err = kubernetes.NewForConfig(config); err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	if objects, err = dynamic.NewForConfig(config); err != nil {
		return fmt.Errorf("making a dynamic client: %w", err)
	}
	return nil
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

func mustKubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := kubectl(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("there are no files %s (%v)", pattern, err)
	}
	return found
}
