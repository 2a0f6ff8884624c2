// Package outage tests what becomes of a service under constant load while its Prometheus is killed, stopped, slow or
// wrong for longer than every window: nothing.
//
// Each test is an episode in a namespace of its own, with a Prometheus and a controller of its own, on one cluster; all
// run side by side, because they mostly wait. What the pods export is made up here (exporter), so that their load is
// constant to the last digit. The controller is that of EVENKEEL_BINARY, or build/release/evenkeel.
package outage

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"evenkeel.dev/tests/cluster"
)

const (
	root     = "../.." // of the repository
	episodes = "4"     // at once
	pace     = 500 * time.Millisecond
)

var (
	policies   = schema.GroupVersionResource{Group: "evenkeel.dev", Version: "v1alpha1", Resource: "scalingpolicies"}
	local      *cluster.Cluster
	client     *kubernetes.Clientset
	objects    *dynamic.DynamicClient
	pods       *exporter
	binary     string
	prometheus string
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := runOnCluster(m)
	if err != nil {
		log.Print(err)
		code = 1
	}
	os.Exit(code)
}

func runOnCluster(m *testing.M) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute) // the first start builds
	defer cancel()
	if err := flag.Set("test.parallel", episodes); err != nil {
		return 1, err
	}
	if err := findPrograms(ctx); err != nil {
		return 1, err
	}
	var err error
	local, err = cluster.Start(ctx, cluster.Options{
		Images: map[string][]string{"idle": {"sleep", "infinity"}}, Log: os.Stderr,
	})
	if err != nil {
		return 1, err
	}
	defer local.Stop()
	if err := makeClients(); err != nil {
		return 1, err
	}
	if err := install(ctx); err != nil {
		return 1, err
	}
	if pods, err = startExporter(); err != nil {
		return 1, err
	}
	defer pods.server.Close()
	return m.Run(), nil
}

func findPrograms(ctx context.Context) (err error) {
	if binary = os.Getenv("EVENKEEL_BINARY"); binary == "" {
		binary = filepath.Join(root, "build", "release", "evenkeel")
	}
	if binary, err = filepath.Abs(binary); err == nil {
		_, err = os.Stat(binary)
	}
	if err != nil {
		return fmt.Errorf("no controller to test: %w; run make, or name one in EVENKEEL_BINARY", err)
	}
	prometheus, err = cluster.Debian(ctx, "prometheus", os.Stderr)
	return err
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

func install(ctx context.Context) error {
	for _, args := range [][]string{
		{"apply", "-f", root + "/crds/scalingpolicy.yaml"},
		{"wait", "--for=condition=Established", "--timeout=30s", "crd/" + policies.GroupResource().String()},
	} {
		cmd := exec.CommandContext(ctx, filepath.Join(local.Assets, "kubectl"), args...)
		cmd.Env = append(os.Environ(), "KUBECONFIG="+local.Kubeconfig, "KUBECACHEDIR="+filepath.Join(local.Dir, "kubectl-cache"))
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("kubectl %v: %w: %s", args, err, out)
		}
	}
	return nil
}

// await asks until the condition holds, and fails the test with the condition's last error if it does not in time.
func await(t *testing.T, what string, patience time.Duration, condition func() error) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		err := condition()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s: %v", what, patience, err)
		}
		time.Sleep(pace)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
